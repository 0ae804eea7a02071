// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// A register that holds what another does, for loads that lie far from the other's. A module of its own, so that
// synthesis can be told not to merge the two; synth/ecp5 has its own version, held equal to this by
// tb/prim/register_copy_test.cpp.
module reveille_register_copy #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             enable_i,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);

  always_ff @(posedge clk_i) begin
    if (enable_i) q_o <= d_i;
  end

endmodule
