// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Queue of two words whose outputs all come from registers: a word put in during c can be taken from c+1 on, at the
// full rate. data_o is 0 while valid_o is low.
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

  logic valid_q, full_q;
  logic [Width-1:0] head_q, second_q;
  logic push, pop;

  assign ready_o = !full_q;
  assign valid_o = valid_q;
  assign data_o  = head_q;
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      full_q  <= 1'b0;
      head_q  <= '0;
    end else if (pop || !valid_q) begin
      valid_q <= push || full_q;
      full_q  <= 1'b0;
      head_q  <= full_q ? second_q : push ? data_i : '0;
    end else if (push) begin
      full_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) second_q <= data_i;
  end

`ifndef SYNTHESIS
  // A word that is offered stays until it is taken.
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_o && !ready_i |=> valid_o && $stable(data_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) full_q |-> valid_q);
`endif

endmodule
