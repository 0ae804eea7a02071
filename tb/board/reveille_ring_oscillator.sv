// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The board's testbench's form of rtl/entropy/reveille_ring_oscillator.sv: it runs, each half period as long as the
// stages and chance make it.
module reveille_ring_oscillator #(
  parameter int unsigned Stages = 3
) (
  input  logic enable_i,
  output logic ring_o
);

  timeunit 1ns;
  timeprecision 1ps;

  initial ring_o = 1'b1;

  always begin
    wait (enable_i);
    while (enable_i) begin
      #(0.5 * Stages + 0.001 * real'($urandom_range(500)));
      ring_o = !ring_o;
    end
    ring_o = 1'b1;
  end

endmodule
