// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Assertions that fail when told to. In synthesis nothing of them may be left.
`include "reveille_assert.svh"

module assert_planted #(
  parameter bit Bad = 1'b0
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic low_i,    // asserted to be 0
  input  logic first_i,  // asserted to be followed by second_i
  input  logic second_i,
  input  logic apart_i,  // asserted not to come twice within three cycles
  input  logic valid_i,  // asserted to stay, with data_i, until ready_i
  input  logic ready_i,
  input  logic [1:0] data_i
);

  `REVEILLE_ASSERT_INIT(NotBad, !Bad)
  `REVEILLE_ASSERT(Low, !low_i)
  `REVEILLE_ASSERT_NEXT(Followed, first_i, second_i)
  `REVEILLE_ASSERT_APART(Apart, 2, apart_i)
  `REVEILLE_ASSERT_STAYS(Stays, valid_i, ready_i, data_i)
  `REVEILLE_COVER(Both, first_i && second_i)

  logic unused;
  assign unused = &{1'b0, Bad, clk_i, rst_ni, low_i, first_i, second_i, apart_i, valid_i, ready_i, data_i};

endmodule
