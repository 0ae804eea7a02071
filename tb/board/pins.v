// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a board has of an ECP5 beside logic and memories, as far as it is to be simulated: pins, a PLL, and flip-flops
// with asynchronous set. Delays are those asked for; what a device adds to them is not here.
`timescale 1ns / 1ps

module DELAYG #(parameter DEL_MODE = "", parameter DEL_VALUE = 0) (input A, output reg Z);
  always @(A) Z <= #(0.025 * DEL_VALUE) A;
endmodule

// A rising edge gives out what the one before and the falling edge between them found.
module IDDRX1F (input D, SCLK, RST, output reg Q0, Q1);
  reg rising, falling;
  always @(posedge SCLK) {rising, Q0, Q1} <= {D, rising, falling};
  always @(negedge SCLK) falling <= D;
endmodule

module ODDRX1F (input D0, D1, SCLK, RST, output Q);
  reg first, second;
  always @(posedge SCLK) {first, second} <= {D0, D1};
  assign Q = SCLK ? first : second;
endmodule

module FD1S3BX (input D, CK, PD, output reg Q);
  initial Q = 1'b1;  // as the device has it behind its configuration
  always @(posedge CK or posedge PD)
    if (PD) Q <= 1'b1;
    else Q <= D;
endmodule

module IFS1P3BX (input D, SP, SCLK, PD, output Q);
  FD1S3BX flip_flop (.D(SP ? D : Q), .CK(SCLK), .PD(PD), .Q(Q));
endmodule

module OFS1P3BX (input D, SP, SCLK, PD, output Q);
  FD1S3BX flip_flop (.D(SP ? D : Q), .CK(SCLK), .PD(PD), .Q(Q));
endmodule

module TRELLIS_IO (input B, I, T, output O);  // as LiteX declares it; nothing drives the pin here
  parameter DIR = "BIDIR";
  assign O = B;
endmodule

// Whatever clock to 62.5 MHz.
module EHXPLLL #(
  parameter CLKFB_DIV = 1, CLKI_DIV = 1, CLKOP_CPHASE = 0, CLKOP_DIV = 1, CLKOP_ENABLE = "", CLKOP_FPHASE = 0,
  parameter CLKOS_CPHASE = 0, CLKOS_DIV = 1, CLKOS_ENABLE = "", CLKOS_FPHASE = 0, FEEDBK_PATH = ""
) (
  input CLKI, CLKFB, RST, STDBY,
  output reg CLKOP, CLKOS, LOCK
);
  initial begin
    {CLKOP, CLKOS, LOCK} = 0;
    #200 LOCK = 1;
  end
  always #8 CLKOP = ~CLKOP;
endmodule
