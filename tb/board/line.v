// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The other end of a gigabit line at its RGMII pins, a frame at a time and as fast as a simulation goes: a test writes
// a frame and turns `go`, and is told of one that came by `seen`. With `flooding` the line is full: frames of `pool`,
// of 72 octets with preamble and FCS, one after the other with a gap of twelve; what the test writes goes in between.
`timescale 1ns / 1ps

module line (
  input rx_clk, output reg [3:0] rxd, output reg rx_ctl,  // to the board: a bit ends at an edge of the clock
  input tx_clk, input [3:0] txd, input tx_ctl
);
  localparam MOST = 1536, POOL = 256, GAP = 12;
  reg [8*MOST-1:0] frame /*verilator public_flat_rw*/ = 0;  // octet 0 lowest, preamble first
  reg [11:0] octets /*verilator public_flat_rw*/ = 0;
  reg go /*verilator public_flat_rw*/ = 0, taken /*verilator public_flat_rw*/ = 0;
  reg flooding /*verilator public_flat_rw*/ = 0;
  reg [575:0] pool [0:POOL-1] /*verilator public_flat_rw*/;
  reg [31:0] flooded /*verilator public_flat_rw*/ = 0;

  reg busy = 0, ours = 0;  // a frame is under way, and it is the test's
  reg [7:0] which /*verilator public_flat_rw*/ = 1;  // not 0
  reg [11:0] at = GAP;     // octets of it sent, or of the gap behind it
  wire [11:0] length = ours ? octets : 12'd72;
  wire [7:0] octet = ours ? frame[8*at +: 8] : pool[which][8*at +: 8];

  initial {rxd, rx_ctl} = 0;
  always @(negedge rx_clk) {rxd, rx_ctl} <= busy ? {octet[3:0], 1'b1} : 5'd0;
  always @(posedge rx_clk) begin
    {rxd, rx_ctl} <= busy ? {octet[7:4], 1'b1} : 5'd0;
    at <= at + 12'd1;
    if (busy) begin
      if (at + 12'd1 == length) begin
        {busy, at} <= 0;
        if (ours) taken <= go;
        else flooded <= flooded + 1;
      end
    end else if (at + 12'd1 >= GAP) begin
      at <= GAP;
      if (go != taken || flooding) begin
        at <= 0;
        {busy, ours} <= {1'b1, go != taken};
        which <= {which[6:0], which[7] ^ which[5] ^ which[4] ^ which[3]};
      end
    end
  end

  // A frame that comes is gathered octet by octet, for a vector of its length would be copied with each of them.
  reg [8*MOST-1:0] got /*verilator public_flat_rw*/ = 0;
  reg [11:0] got_octets /*verilator public_flat_rw*/ = 0;
  reg seen /*verilator public_flat_rw*/ = 0;
  reg [7:0] coming [0:MOST-1];
  reg [11:0] count = 0;
  reg [3:0] low = 0;
  reg valid = 0;
  integer i;
  always @(posedge tx_clk) {low, valid} <= {txd, tx_ctl};
  always @(negedge tx_clk)
    if (valid) begin
      coming[count] <= {txd, low};
      count <= count + 12'd1;
    end else if (count != 0) begin
      for (i = 0; i < MOST; i = i + 1) got[8*i +: 8] = coming[i];
      {got_octets, count} <= {count, 12'd0};
      seen <= !seen;
    end
endmodule
