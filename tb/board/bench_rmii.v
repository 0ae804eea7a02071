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
