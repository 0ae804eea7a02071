// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// A board at its RGMII pins, its two PHYs being the test's: each bit that they give out ends at an edge of their
// receive clock, which the board's input delay centers, and they delay the transmit clock by 2 ns.
`timescale 1ns / 1ps

module bench (
  output reg net_rx_clk, host_rx_clk,
  input [3:0] net_rxd, host_rxd,
  input net_rx_ctl, host_rx_ctl,
  input rest,  // both PHYs stop their clocks
  output reg net_tx_clk, host_tx_clk,
  output [3:0] net_txd, host_txd,
  output net_tx_ctl, host_tx_ctl,
  output led_n
);
  reg clk25;
  wire mdio, mdc, net_clk, host_clk;

  initial {clk25, net_rx_clk, host_rx_clk, net_tx_clk, host_tx_clk} = 0;
  always #20 clk25 = ~clk25;
  always begin
    wait (!rest);
    #4 net_rx_clk = ~net_rx_clk;
  end
  initial begin
    #1.5;  // of another phase
    forever begin
      wait (!rest);
      #4 host_rx_clk = ~host_rx_clk;
    end
  end
  always @(net_clk) net_tx_clk <= #2 net_clk;
  always @(host_clk) host_tx_clk <= #2 host_clk;

  board dut (
    .clk25(clk25), .user_led_n(led_n), .eth0_mdio(mdio), .eth0_mdc(mdc),
    .eth_clocks0_rx(net_rx_clk), .eth0_rx_data(net_rxd), .eth0_rx_ctl(net_rx_ctl),
    .eth_clocks0_tx(net_clk), .eth0_tx_data(net_txd), .eth0_tx_ctl(net_tx_ctl),
    .eth_clocks1_rx(host_rx_clk), .eth1_rx_data(host_rxd), .eth1_rx_ctl(host_rx_ctl),
    .eth_clocks1_tx(host_clk), .eth1_tx_data(host_txd), .eth1_tx_ctl(host_tx_ctl)
  );
endmodule

// The same with a line of line.v at each port.
module lines (input rest /*verilator public_flat_rw*/);
  wire net_rx_clk, host_rx_clk, net_tx_clk, host_tx_clk, net_rx_ctl, host_rx_ctl, net_tx_ctl, host_tx_ctl, led_n;
  wire [3:0] net_rxd, host_rxd, net_txd, host_txd;
  bench board (.*);
  line net (net_rx_clk, net_rxd, net_rx_ctl, net_tx_clk, net_txd, net_tx_ctl);
  line host (host_rx_clk, host_rxd, host_rx_ctl, host_tx_clk, host_txd, host_tx_ctl);
endmodule
