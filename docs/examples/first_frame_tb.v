// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The smallest testbench of the whole core, for any simulator that reads plain Verilog: reads the identity, names the
// server's address, and sends an ARP request, which is none of the guard's business, and an AP Request that nobody
// asked for. Prints the verdict of each, and the cycle in which it came behind the frame's last beat. With
// +dump=FILE.vcd the whole is written down as a waveform.
`timescale 1ns / 1ps
module first_frame_tb;

  localparam ID = 12'h000, SERVER_ENABLE = 12'h020, SERVER_IPV4 = 12'h120;
  localparam SERVER = 32'hc0000201, CLIENT = 32'hc6336407;  // 192.0.2.1, 198.51.100.7
  localparam BYPASS = 0, NOT_WOKEN = 10;

  reg         clk = 0, rst_n = 0;
  reg  [51:0] now = 0;
  always #3.2 clk = !clk;
  always @(posedge clk) now <= now + 1;

  reg  [63:0] tdata = 0;
  reg  [7:0]  tkeep = 0;
  reg         tvalid = 0, tlast = 0;
  reg  [11:0] awaddr = 0, araddr = 0;
  reg  [31:0] wdata = 0;
  reg         write_valid = 0, arvalid = 0;
  wire        tready, awready, wready, bvalid, arready, rvalid, host_tvalid, host_tlast, verdict_valid, verdict_pass;
  wire [1:0]  bresp, rresp;
  wire [31:0] rdata, verdict_value;
  wire [63:0] host_tdata;
  wire [7:0]  host_tkeep;
  wire [4:0]  verdict_code, host_tuser;

  reveille dut (
    .clk(clk), .rst_n(rst_n), .time_i(now),
    .s_axis_net_tdata(tdata), .s_axis_net_tkeep(tkeep), .s_axis_net_tvalid(tvalid), .s_axis_net_tlast(tlast),
    .s_axis_net_tready(tready),
    .m_axis_net_tready(1'b1),
    .s_axis_host_tdata(64'b0), .s_axis_host_tkeep(8'b0), .s_axis_host_tvalid(1'b0), .s_axis_host_tlast(1'b0),
    .s_axis_host_tuser(1'b0),
    .m_axis_host_tdata(host_tdata), .m_axis_host_tkeep(host_tkeep), .m_axis_host_tvalid(host_tvalid),
    .m_axis_host_tready(1'b1), .m_axis_host_tlast(host_tlast), .m_axis_host_tuser(host_tuser),
    .s_axis_entropy_tdata(8'b0), .s_axis_entropy_tvalid(1'b0),
    .s_axil_awaddr(awaddr), .s_axil_awvalid(write_valid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(4'hf), .s_axil_wvalid(write_valid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(1'b1),
    .s_axil_araddr(araddr), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(1'b1),
    .verdict_valid(verdict_valid), .verdict_code(verdict_code), .verdict_pass(verdict_pass),
    .verdict_value(verdict_value)
  );

  // As docs/verdicts.json has them.
  function [16*8-1:0] name(input [4:0] code);
    case (code)
      0: name = "bypass";          1: name = "unparsable";    2: name = "fragmented";  3: name = "bad_length";
      4: name = "bad_checksum";    5: name = "bad_source";    6: name = "malformed";   7: name = "unsupported";
      8: name = "wrong_direction"; 9: name = "client_initiated"; 10: name = "not_woken"; 11: name = "false_nonce";
      12: name = "repeat";         13: name = "accepted";     14: name = "resend";     15: name = "unexpected";
      16: name = "sa_recovered";   default: name = "no verdict";
    endcase
  endfunction

  task write(input [11:0] address, input [31:0] data);
    begin
      @(negedge clk) {awaddr, wdata, write_valid} = {address, data, 1'b1};
      @(posedge clk) while (!(awready && wready)) @(posedge clk);
      @(negedge clk) write_valid = 0;
      while (!bvalid) @(negedge clk);
      if (bresp != 0) begin $display("FAIL: the core refuses a write to %h", address); $finish_and_return(1); end
    end
  endtask

  task read(input [11:0] address, output [31:0] data);
    begin
      @(negedge clk) {araddr, arvalid} = {address, 1'b1};
      @(posedge clk) while (!arready) @(posedge clk);
      @(negedge clk) arvalid = 0;
      while (!rvalid) @(negedge clk);
      data = rdata;
    end
  endtask

  reg [7:0] frame[0:127];
  integer   octet, at, cycles;

  // Sends the frame, and waits for its verdict and for what the host gets of it.
  task send(input integer length, input [4:0] verdict);
    begin
      for (at = 0; at < length; at = at + 8) begin
        @(negedge clk) {tvalid, tlast} = {1'b1, at + 8 >= length};
        for (octet = 0; octet < 8; octet = octet + 1) begin
          tdata[8*octet+:8] = at + octet < length ? frame[at+octet] : 8'h0;
          tkeep[octet] = at + octet < length;
        end
        while (!tready) @(negedge clk);  // the edge between takes it
      end
      @(negedge clk) {tvalid, tlast, tkeep, tdata} = 0;
      for (cycles = 1; !verdict_valid && cycles < 20; cycles = cycles + 1) @(negedge clk);
      $display("%0d octets: verdict %0s in cycle T+%0d, %0s", length, name(verdict_code), cycles,
               verdict_pass ? "passed" : "dropped");
      if (!verdict_valid || verdict_code != verdict) begin
        $display("FAIL: expected %0s", name(verdict));
        $finish_and_return(1);
      end
      repeat (24) @(negedge clk);
    end
  endtask

  reg [31:0]       identity, sum;
  reg [8*256-1:0]  path;
  initial begin
    if ($value$plusargs("dump=%s", path)) begin
      $dumpfile(path);
      $dumpvars(0, first_frame_tb);
    end
    repeat (4) @(negedge clk);
    rst_n = 1;
    read(ID, identity);
    if (identity != "REVE") begin $display("FAIL: identity %h", identity); $finish_and_return(1); end
    write(SERVER_IPV4, SERVER);
    write(SERVER_ENABLE, 32'h00130001);

    for (octet = 0; octet < 128; octet = octet + 1) frame[octet] = octet;
    {frame[12], frame[13]} = 16'h0806;
    send(60, BYPASS);

    // 14 octets of Ethernet, 20 of IPv4, 8 of UDP (no checksum), 46 of key management with nonce 1badcafe.
    {frame[12], frame[13], frame[14], frame[15], frame[16], frame[17]} = 48'h0800_4500_004a;
    {frame[18], frame[19], frame[20], frame[21], frame[22], frame[23]} = {32'h0, 8'd64, 8'd17};
    {frame[26], frame[27], frame[28], frame[29], frame[30], frame[31], frame[32], frame[33]} = {CLIENT, SERVER};
    sum = 16'h4500 + 16'h004a + 16'h4011 + CLIENT[31:16] + CLIENT[15:0] + SERVER[31:16] + SERVER[15:0];
    {frame[24], frame[25]} = ~(sum[15:0] + sum[31:16]);
    {frame[34], frame[35], frame[36], frame[37], frame[38], frame[39]} = {16'd40000, 16'd1293, 16'd54};
    {frame[40], frame[41], frame[42], frame[43], frame[44], frame[45], frame[46]} = 56'h0000_020110_6e0a;
    {frame[57], frame[58], frame[59], frame[60]} = 32'h1badcafe;
    send(88, NOT_WOKEN);
    $display("PASS");
    $finish_and_return(0);
  end

endmodule
