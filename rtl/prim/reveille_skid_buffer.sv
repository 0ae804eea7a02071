// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Queue of two words that cuts every combinational path: a word put in during c can be taken from c+1 on, at the full
// rate. Outputs are registers (or one's complement); while valid_o is low data_o is the data_i of the cycle before, or
// 0 after reset.
`include "reveille_assert.svh"

module reveille_skid_buffer #(
  parameter int unsigned Width = 64
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);

  logic full_q;                // second_q is a word
  logic [Width-1:0] second_q;
  logic advance;               // what is behind the head, if anything, becomes the head

  assign ready_o = !full_q;
  assign advance = ready_i || !valid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      full_q  <= 1'b0;
      data_o  <= '0;
    end else begin
      full_q <= !advance && (full_q || valid_i);
      if (advance) begin
        valid_o <= valid_i || full_q;
        data_o  <= full_q ? second_q : data_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!full_q) second_q <= data_i;
  end

  `REVEILLE_ASSERT_STAYS(OfferedUntilTaken, valid_o, ready_i, data_o)

endmodule
