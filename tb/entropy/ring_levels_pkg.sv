// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the testbench gives the rings, and what it sees of them: a bit a ring, at the number of its stages.
package ring_levels_pkg;

  logic [15:0] levels, runs;

endpackage
