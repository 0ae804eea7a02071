// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The reset flip-flop of one part of the core. A module of its own, so that synthesis can be told not to merge those of
// all parts, which are alike.
module reveille_reset_part (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic released_i,
  output logic rst_no
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rst_no <= 1'b0;
    else rst_no <= released_i;
  end

endmodule
