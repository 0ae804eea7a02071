// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// ECP5's LUT of four inputs as its table says, without a delay: a declaration for synthesis, and for the lint of what
// stands on it. A ring of these is not to be simulated. Source: Lattice FPGA-TN-02200; the ports are those of Yosys.
module LUT4 #(
  parameter logic [15:0] INIT = 16'h0000
) (
  input  logic A,
  input  logic B,
  input  logic C,
  input  logic D,
  output logic Z
);

  assign Z = INIT[{D, C, B, A}];

endmodule
