// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The testbench's form of rtl/entropy/reveille_ring_oscillator.sv: its level is the testbench's (ring_model.hpp).
module reveille_ring_oscillator #(
  parameter int unsigned Stages = 3
) (
  input  logic enable_i,
  output logic ring_o
);

  assign ring_o = ring_levels_pkg::levels[Stages];
  assign ring_levels_pkg::runs[Stages] = enable_i;

endmodule
