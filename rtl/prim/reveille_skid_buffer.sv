// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Queue of two words that cuts every combinational path: a word put in during c can be taken from c+1 on, at the full
// rate. data_o is 0 while valid_o is low.
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

  logic valid_q, full_q;           // at least one word, two words
  logic put_q, take_q;             // which word is next
  logic [Width-1:0] word0_q, word1_q;
  logic put, take;

  assign ready_o = !full_q;
  assign valid_o = valid_q;
  assign data_o  = {Width{valid_q}} & (take_q ? word1_q : word0_q);
  assign put     = valid_i && ready_o;
  assign take    = valid_o && ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      full_q  <= 1'b0;
      put_q   <= 1'b0;
      take_q  <= 1'b0;
    end else begin
      valid_q <= put || full_q || (valid_q && !take);
      full_q  <= !take && (full_q || (valid_q && put));
      put_q   <= put_q ^ put;
      take_q  <= take_q ^ take;
    end
  end

  always_ff @(posedge clk_i) begin
    if (put && !put_q) word0_q <= data_i;
    if (put && put_q) word1_q <= data_i;
  end

`ifndef SYNTHESIS
  // A word that is offered stays until it is taken.
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_o && !ready_i |=> valid_o && $stable(data_o));
`endif

endmodule
