// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// As bench.v, for a board whose port 1 is RMII. The PHY of port 0 has no clock while it is reset, and gives each bit
// out around an edge of it; the board delays the transmit clock. What RMII's PHY gives out changes at a falling edge of
// its clock, which is where the test reads what it is given, too.
`timescale 1ns / 1ps

module bench (
  output reg net_rx_clk,
  input [3:0] net_rxd,
  input net_rx_ctl,
  input rest,  // both PHYs stop their clocks
  output net_tx_clk,
  output [3:0] net_txd,
  output net_tx_ctl,
  output reg ref_clk,
  input [1:0] host_rxd,
  input host_crs_dv,
  output [1:0] host_txd,
  output host_tx_en,
  output led_n
);
  reg clk100, rx_ctl;
  reg [3:0] rxd;
  wire mdio, mdc, rst_n, red, blue;

  initial {clk100, net_rx_clk, ref_clk} = 0;
  always #5 clk100 = ~clk100;
  always begin
    wait (!rest && rst_n);
    #4 net_rx_clk = ~net_rx_clk;
  end
  initial begin
    #3.3;  // of another phase
    forever begin
      wait (!rest);
      #10 ref_clk = ~ref_clk;
    end
  end
  always @(net_rxd, net_rx_ctl) {rxd, rx_ctl} <= #2 {net_rxd, net_rx_ctl};

  board dut (
    .clk100(clk100), .rgb_led_r(red), .rgb_led_g(led_n), .rgb_led_b(blue), .eth0_mdio(mdio), .eth0_mdc(mdc),
    .eth0_rst_n(rst_n), .eth_clocks0_rx(net_rx_clk), .eth0_rx_data(rxd), .eth0_rx_ctl(rx_ctl),
    .eth_clocks0_tx(net_tx_clk), .eth0_tx_data(net_txd), .eth0_tx_ctl(net_tx_ctl),
    .eth_clocks1_ref_clk(ref_clk), .eth1_crs_dv(host_crs_dv), .eth1_rx_data(host_rxd),
    .eth1_tx_en(host_tx_en), .eth1_tx_data(host_txd)
  );
endmodule

// The half octets of line.v to RMII's two bits a cycle, and back; a frame begins on the one side when it likes.
module half_octets (
  input ref_clk,
  output rx_clk, input [3:0] rxd, input rx_ctl,  // of the line's end
  output reg tx_clk, output reg [3:0] txd, output reg tx_ctl,
  output [1:0] rmii_rxd, output crs_dv, input [1:0] rmii_txd, input tx_en
);
  reg [1:0] phase = 0, next = 0, place, first;
  reg was = 0;
  initial {tx_clk, txd, tx_ctl} = 0;
  assign rx_clk = phase[1];
  assign rmii_rxd = phase[0] ? rxd[3:2] : rxd[1:0];
  assign crs_dv = rx_ctl;
  always @(negedge ref_clk) begin
    phase <= phase + 2'd1;
    was <= tx_en;
    place = tx_en && !was ? 2'd0 : next;
    next <= place + 2'd1;
    first <= rmii_txd;
    if (place[0]) txd <= {rmii_txd, first};
    if (place == 2'd1) tx_ctl <= tx_en;
    if (!place[1]) tx_clk <= #1 place[0];
    if (place == 2'd3) tx_clk <= #1 1'b0;
  end
endmodule

// The same board with a line of line.v at each port.
module lines (input rest /*verilator public_flat_rw*/);
  wire net_rx_clk, net_tx_clk, net_rx_ctl, net_tx_ctl, host_rx_clk, host_tx_clk, host_rx_ctl, host_tx_ctl;
  wire ref_clk, host_crs_dv, host_tx_en, led_n;
  wire [3:0] net_rxd, net_txd, line_rxd, line_txd;
  wire [1:0] host_rxd, host_txd;
  bench board (.*);
  half_octets rmii (
    ref_clk, host_rx_clk, line_rxd, host_rx_ctl, host_tx_clk, line_txd, host_tx_ctl,
    host_rxd, host_crs_dv, host_txd, host_tx_en
  );
  line net (net_rx_clk, net_rxd, net_rx_ctl, net_tx_clk, net_txd, net_tx_ctl);
  line host (host_rx_clk, line_rxd, host_rx_ctl, host_tx_clk, line_txd, host_tx_ctl);
endmodule
