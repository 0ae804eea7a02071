// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The smallest design around the core: a FIFO to either side of the MAC, and microseconds from the clock. The host's
// streams and registers, the noise source and the verdicts are left to the board, as the core has them.
module smallest_top (
  input  logic         clk,    // 156.25 MHz
  input  logic         rst_n,  // synchronous to clk in its release, for the FIFOs

  // MAC: frames without their FCS; rx cannot wait, and says in the last beat whether the frame is bad
  input  logic [63:0]  mac_rx_tdata,
  input  logic [7:0]   mac_rx_tkeep,
  input  logic         mac_rx_tvalid,
  input  logic         mac_rx_tlast,
  input  logic         mac_rx_tuser,
  output logic [63:0]  mac_tx_tdata,
  output logic [7:0]   mac_tx_tkeep,
  output logic         mac_tx_tvalid,
  input  logic         mac_tx_tready,
  output logic         mac_tx_tlast,

  // Host: tuser of a frame to it is the verdict, in the last beat; tuser of one from it says "host message", in the
  // first
  input  logic [63:0]  s_axis_host_tdata,
  input  logic [7:0]   s_axis_host_tkeep,
  input  logic         s_axis_host_tvalid,
  output logic         s_axis_host_tready,
  input  logic         s_axis_host_tlast,
  input  logic [0:0]   s_axis_host_tuser,
  output logic [63:0]  m_axis_host_tdata,
  output logic [7:0]   m_axis_host_tkeep,
  output logic         m_axis_host_tvalid,
  input  logic         m_axis_host_tready,
  output logic         m_axis_host_tlast,
  output logic [4:0]   m_axis_host_tuser,

  // Noise
  input  logic [7:0]   s_axis_entropy_tdata,
  input  logic         s_axis_entropy_tvalid,

  // Registers
  input  logic [11:0]  s_axil_awaddr,
  input  logic         s_axil_awvalid,
  output logic         s_axil_awready,
  input  logic [31:0]  s_axil_wdata,
  input  logic [3:0]   s_axil_wstrb,
  input  logic         s_axil_wvalid,
  output logic         s_axil_wready,
  output logic [1:0]   s_axil_bresp,
  output logic         s_axil_bvalid,
  input  logic         s_axil_bready,
  input  logic [11:0]  s_axil_araddr,
  input  logic         s_axil_arvalid,
  output logic         s_axil_arready,
  output logic [31:0]  s_axil_rdata,
  output logic [1:0]   s_axil_rresp,
  output logic         s_axil_rvalid,
  input  logic         s_axil_rready,
  output logic         irq
);

  logic [51:0] now;
  logic [63:0] rx_data, tx_data;
  logic [7:0]  rx_keep, tx_keep;
  logic        rx_valid, rx_ready, rx_last, tx_valid, tx_ready, tx_last;

  // Adds 6,400 ps a cycle; where the time of day matters, the board gives it instead.
  reveille_timebase #(
    .Increment(6400)
  ) u_timebase (
    .clk_i(clk),
    .rst_ni(rst_n),
    .time_o(now)
  );

  mac_fifo u_rx_fifo (
    .clk_i(clk), .rst_ni(rst_n),
    .valid_i(mac_rx_tvalid), .ready_o(), .data_i(mac_rx_tdata), .keep_i(mac_rx_tkeep), .last_i(mac_rx_tlast),
    .error_i(mac_rx_tuser),
    .valid_o(rx_valid), .ready_i(rx_ready), .data_o(rx_data), .keep_o(rx_keep), .last_o(rx_last)
  );

  mac_fifo u_tx_fifo (
    .clk_i(clk), .rst_ni(rst_n),
    .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data), .keep_i(tx_keep), .last_i(tx_last),
    .error_i(1'b0),
    .valid_o(mac_tx_tvalid), .ready_i(mac_tx_tready), .data_o(mac_tx_tdata), .keep_o(mac_tx_tkeep),
    .last_o(mac_tx_tlast)
  );

  // s_axis_net_tready is 1 always where the store is read in two cycles (docs/timing.md, T13). All ports that are named
  // alike are connected by name.
  reveille u_reveille (
    .clk, .rst_n, .time_i(now),
    .s_axis_net_tdata(rx_data), .s_axis_net_tkeep(rx_keep), .s_axis_net_tvalid(rx_valid),
    .s_axis_net_tready(rx_ready), .s_axis_net_tlast(rx_last),
    .m_axis_net_tdata(tx_data), .m_axis_net_tkeep(tx_keep), .m_axis_net_tvalid(tx_valid), .m_axis_net_tready(tx_ready),
    .m_axis_net_tlast(tx_last),
    .s_axis_host_tdata, .s_axis_host_tkeep, .s_axis_host_tvalid, .s_axis_host_tready, .s_axis_host_tlast,
    .s_axis_host_tuser,
    .m_axis_host_tdata, .m_axis_host_tkeep, .m_axis_host_tvalid, .m_axis_host_tready, .m_axis_host_tlast,
    .m_axis_host_tuser,
    .s_axis_entropy_tdata, .s_axis_entropy_tvalid, .s_axis_entropy_tready(),
    .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
    .s_axil_bresp, .s_axil_bvalid, .s_axil_bready, .s_axil_araddr, .s_axil_arvalid, .s_axil_arready, .s_axil_rdata,
    .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
    .irq,
    .verdict_valid(), .verdict_code(), .verdict_pass(), .verdict_lost(), .verdict_source(), .verdict_value()
  );

endmodule
