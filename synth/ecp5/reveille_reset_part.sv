// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// ECP5's form of rtl/prim/reveille_reset_part.sv. The primitive keeps the flip-flops of all parts apart, and it holds
// the reset inverted, as the device's flip-flops want it: no LUT between.
module reveille_reset_part (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic released_i,
  output logic rst_no
);

  logic reset;

  TRELLIS_FF #(
    .GSR   ("DISABLED"),
    .LSRMUX("INV"),
    .SRMODE("ASYNC"),
    .REGSET("SET")
  ) u_reset (
    .CLK(clk_i),
    .CE (1'b1),
    .LSR(rst_ni),
    .DI (!released_i),
    .Q  (reset)
  );

  assign rst_no = !reset;

endmodule
