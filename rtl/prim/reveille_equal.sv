// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Whether two words are equal, in the same cycle.
//
// synth/ecp5 has its own version of this one module, held equal to this by tb/prim/equal_test.cpp.
module reveille_equal #(
  parameter int unsigned Width = 32
) (
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  output logic             equal_o
);

  assign equal_o = a_i == b_i;

endmodule
