// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The emitted plain Verilog of the whole core in Icarus, whose registers are X at power-up: one exchange, every
// register read, a frame from the host, a reset in the middle of a frame and in a row, and all of it again. No output
// is ever X, from the first edge of the clock on, data while not valid included (T12), and in reset all are 0 but the
// streams' ready (T10). A second simulator with X and event-driven semantics; the thorough tests are the lockstep's.
// Written from docs/; icarus_outputs.vh, every output port of the core, is icarus_smoke.sh's.
`timescale 1ns / 1ps
module icarus_smoke;

  localparam ID = 12'h000, STATUS = 12'h00c, CONTROL = 12'h010, SERVER_ENABLE = 12'h020, SERVER_IPV4 = 12'h120;
  localparam COMMAND_CLIENT = 12'h080, COMMAND_LIFETIME_LOW = 12'h090, COMMAND_LIFETIME_HIGH = 12'h094;
  localparam COMMAND_SESSION = 12'h0a8, COMMAND = 12'h0b0, RESULT = 12'h0c0, RESULT_NONCE = 12'h0c4;
  localparam COUNTERS = 12'h200, FRAMING = 12'h300;
  localparam SERVER = 32'hc0000201, CLIENT = 32'hc6336407;  // 192.0.2.1, 198.51.100.7
  localparam BYPASS = 0, NOT_WOKEN = 10, FALSE_NONCE = 11, REPEAT = 12, ACCEPTED = 13;

  reg         clk = 0, rst_n = 0;
  reg  [51:0] now = 0;
  always #5 clk = !clk;
  always @(posedge clk) now <= now + 1;

  reg  [63:0] net_tdata = 0;
  reg  [7:0]  net_tkeep = 0;
  reg         net_tvalid = 0, net_tlast = 0;
  wire        net_tready;
  wire [63:0] host_tdata, out_tdata;
  wire [7:0]  host_tkeep, out_tkeep;
  wire        host_tvalid, host_tlast, out_tvalid, out_tlast, s_host_tready, entropy_tready, irq;
  wire [4:0]  host_tuser;
  reg         s_host_tvalid = 0, s_host_tlast = 0, s_host_message = 0;
  reg  [7:0]  entropy = 0;
  reg  [11:0] awaddr = 0, araddr = 0;
  reg  [31:0] wdata = 0;
  reg         awvalid = 0, wvalid = 0, arvalid = 0;
  wire        awready, wready, bvalid, arready, rvalid;
  wire [1:0]  bresp, rresp;
  wire [31:0] rdata;
  wire        verdict_valid, verdict_pass, verdict_lost;
  wire [4:0]  verdict_code;
  wire [127:0] verdict_source;
  wire [31:0] verdict_value;

  reveille dut (
    .clk(clk), .rst_n(rst_n), .time_i(now), .irq(irq),
    .s_axis_net_tdata(net_tdata), .s_axis_net_tkeep(net_tkeep), .s_axis_net_tvalid(net_tvalid),
    .s_axis_net_tready(net_tready), .s_axis_net_tlast(net_tlast),
    .m_axis_net_tdata(out_tdata), .m_axis_net_tkeep(out_tkeep), .m_axis_net_tvalid(out_tvalid),
    .m_axis_net_tready(1'b1), .m_axis_net_tlast(out_tlast),
    .s_axis_host_tdata(64'h0123456789abcdef), .s_axis_host_tkeep(8'hff), .s_axis_host_tvalid(s_host_tvalid),
    .s_axis_host_tready(s_host_tready), .s_axis_host_tlast(s_host_tlast), .s_axis_host_tuser(s_host_message),
    .m_axis_host_tdata(host_tdata), .m_axis_host_tkeep(host_tkeep), .m_axis_host_tvalid(host_tvalid),
    .m_axis_host_tready(1'b1), .m_axis_host_tlast(host_tlast), .m_axis_host_tuser(host_tuser),
    .s_axis_entropy_tdata(entropy), .s_axis_entropy_tvalid(1'b1), .s_axis_entropy_tready(entropy_tready),
    .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(4'hf), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(1'b1),
    .s_axil_araddr(araddr), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(1'b1),
    .verdict_valid(verdict_valid), .verdict_code(verdict_code), .verdict_pass(verdict_pass),
    .verdict_lost(verdict_lost), .verdict_source(verdict_source), .verdict_value(verdict_value)
  );

  task fail(input [8*60-1:0] what);
    begin
      $display("FAIL at %0t: %0s", $time, what);
      $finish_and_return(1);
    end
  endtask

  // In reset: while rst_n is low and in the three cycles after it; at power-up from the first edge of the clock on.
  reg [1:0] release_left;
  reg       clocked = 0;
  wire      in_reset = !rst_n || release_left != 0;
  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) release_left <= 3;
    else if (release_left != 0) release_left <= release_left - 2'd1;
  end
  always @(posedge clk) clocked <= 1;

`define READY(port) if (^dut.port === 1'bx) fail({"X at ", `"port`"});
`define OUTPUT(port) \
    `READY(port) \
    if (in_reset && dut.port !== 0) fail({"not 0 in reset: ", `"port`"});
  always @(negedge clk) if (clocked) begin
`include "icarus_outputs.vh"
  end
  always @(negedge clk) if (!net_tready) fail("the network port stalls");

  always @(posedge clk) entropy <= $random;

  // What left the core: the octets of the last frame on each side, and how many frames there were.
  reg [7:0] host_octets[0:255], out_octets[0:255];
  integer   host_length = 0, out_length = 0, host_frames = 0, out_frames = 0, host_at = 0, out_at = 0, lane;
  reg [4:0] host_verdict;
  always @(posedge clk) begin
    if (in_reset) {host_at, out_at} = 0;
    if (host_tvalid) begin
      for (lane = 0; lane < 8; lane = lane + 1) if (host_tkeep[lane]) begin
        host_octets[host_at] = host_tdata[8*lane+:8];
        host_at = host_at + 1;
      end
      if (host_tlast) begin
        host_length = host_at;
        host_at = 0;
        host_verdict = host_tuser;
        host_frames = host_frames + 1;
      end
    end
    if (out_tvalid) begin
      for (lane = 0; lane < 8; lane = lane + 1) if (out_tkeep[lane]) begin
        out_octets[out_at] = out_tdata[8*lane+:8];
        out_at = out_at + 1;
      end
      if (out_tlast) begin
        out_length = out_at;
        out_at = 0;
        out_frames = out_frames + 1;
      end
    end
  end

  task write(input [11:0] address, input [31:0] data);
    begin
      @(negedge clk);
      {awaddr, awvalid, wdata, wvalid} = {address, 1'b1, data, 1'b1};
      @(posedge clk);
      while (!(awready && wready)) @(posedge clk);
      @(negedge clk) {awvalid, wvalid} = 0;
      while (!bvalid) @(negedge clk);
      if (bresp != 0) fail("a write was refused");
      @(negedge clk);
    end
  endtask

  reg [31:0] value;
  task read(input [11:0] address);
    begin
      @(negedge clk);
      {araddr, arvalid} = {address, 1'b1};
      @(posedge clk);
      while (!arready) @(posedge clk);
      @(negedge clk) arvalid = 0;
      while (!rvalid) @(negedge clk);
      if (rresp != 0) fail("a read was refused");
      value = rdata;
      @(negedge clk);
    end
  endtask

  reg [7:0] frame[0:255];
  integer   octet;
  reg [31:0] sum;

  // An AP Request with that nonce from the client, no UDP checksum: 14 + 20 + 8 + 3 + 12 + 4 + 27 octets.
  localparam REQUEST = 88;
  task request(input [31:0] nonce);
    begin
      for (octet = 0; octet < REQUEST; octet = octet + 1) frame[octet] = octet;
      {frame[12], frame[13]} = 16'h0800;
      {frame[14], frame[15], frame[16], frame[17]} = {16'h4500, 16'd74};
      {frame[18], frame[19], frame[20], frame[21]} = 32'h0;
      {frame[22], frame[23], frame[24], frame[25]} = {8'd64, 8'd17, 16'h0};
      {frame[26], frame[27], frame[28], frame[29]} = CLIENT;
      {frame[30], frame[31], frame[32], frame[33]} = SERVER;
      sum = 0;
      for (octet = 14; octet < 34; octet = octet + 2) sum = sum + {frame[octet], frame[octet+1]};
      sum = sum[15:0] + sum[31:16];
      {frame[24], frame[25]} = ~(sum[15:0] + sum[31:16]);
      {frame[34], frame[35], frame[36], frame[37]} = {16'd40000, 16'd1293};
      {frame[38], frame[39], frame[40], frame[41]} = {16'd54, 16'h0};
      {frame[42], frame[43], frame[44]} = 24'h020110;
      {frame[45], frame[46]} = 16'h6e0a;
      {frame[57], frame[58], frame[59], frame[60]} = nonce;
    end
  endtask

  // Sends the frame and waits for its verdict, which is due in the fourteenth cycle after the last beat's.
  task send(input integer length, input integer verdict, input pass, input [31:0] nonce);
    integer at, cycles, earlier;
    begin
      earlier = host_frames;
      for (at = 0; at < length; at = at + 8) begin
        @(negedge clk);
        for (octet = 0; octet < 8; octet = octet + 1) begin
          net_tdata[8*octet+:8] = at + octet < length ? frame[at+octet] : 8'h0;
          net_tkeep[octet] = at + octet < length;
        end
        net_tvalid = 1;
        net_tlast = at + 8 >= length;
      end
      @(negedge clk) {net_tvalid, net_tlast} = 0;
      for (cycles = 1; !verdict_valid && cycles < 20; cycles = cycles + 1) @(negedge clk);
      if (cycles != 14) fail("the verdict is not in cycle T+14");
      if (verdict_code != verdict || verdict_pass != pass || verdict_lost) fail("another verdict");
      if (verdict_value != nonce) fail("another value beside the verdict");
      repeat (40) @(negedge clk);
      if (host_frames != earlier + pass) fail("a frame too many or too few at the host");
      if (pass) begin
        if (host_length != length || host_verdict != verdict) fail("another length or verdict at the host");
        for (octet = 0; octet < length; octet = octet + 1)
          if (host_octets[octet] !== frame[octet]) fail("another octet at the host");
      end
    end
  endtask

  reg [31:0] nonce, lent = 1;
  always @(posedge clk) lent <= lent * 32'd1664525 + 32'd1013904223;

  // A frame of eight beats from the host, or a message for which no server address is enabled.
  task from_host(input message);
    integer beat;
    begin
      for (beat = 0; beat < 8; beat = beat + 1) begin
        @(negedge clk) {s_host_tvalid, s_host_tlast, s_host_message} = {1'b1, beat == 7, message};
        @(posedge clk);
        while (!s_host_tready) @(posedge clk);
      end
      @(negedge clk) {s_host_tvalid, s_host_tlast} = 0;
      repeat (200) @(negedge clk);
    end
  endtask

  // What they hold is known, whatever it is.
  task read_all;
    integer address;
    for (address = 0; address < 'h400; address = address + 4) begin
      @(negedge clk) {araddr, arvalid} = {address[11:0], 1'b1};
      @(posedge clk);
      while (!arready) @(posedge clk);
      @(negedge clk) arvalid = 0;
      while (!rvalid) @(negedge clk);
      @(negedge clk);
    end
  endtask

  // A reset in the middle of a frame from each side, and of a read.
  task reset(input integer cycles);
    begin
      @(negedge clk) {net_tvalid, s_host_tvalid, arvalid} = 3'b111;
      repeat (9) @(negedge clk);
      rst_n = 0;
      repeat (cycles) @(negedge clk);
      rst_n = 1;
      {s_host_tvalid, arvalid} = 0;
      repeat (20) @(negedge clk);
      net_tlast = 1;  // of what is left of the frame
      @(negedge clk) {net_tvalid, net_tlast} = 0;
      repeat (80) @(negedge clk);
    end
  endtask

  task arp;
    begin
      for (octet = 0; octet < 60; octet = octet + 1) frame[octet] = 8'hff - octet;
      {frame[12], frame[13]} = 16'h0806;
      send(60, BYPASS, 1, 0);
    end
  endtask

  task exchange;
  begin
    // The hash tables take 4,096 nonces, more than a million cycles of the generator: they are lent others.
    force dut.nonce_valid = 1'b1;
    force dut.nonce = lent;
    read(ID);
    if (value != 32'h52455645) fail("another identity");
    write(SERVER_IPV4, SERVER);
    write(SERVER_ENABLE, 32'h00130001);
    for (octet = 0; octet < 64; octet = octet + 1) write(FRAMING + 4 * octet, octet < 4 ? 32'h02020202 : 32'h0);
    write(CONTROL, 2);  // the framing memory's banks

    arp;
    request(32'h1badcafe);
    send(REQUEST, NOT_WOKEN, 0, 32'h1badcafe);

    value = 0;
    while (value[1:0] != 2'b11) read(STATUS);
    release dut.nonce_valid;
    release dut.nonce;
    for (octet = 0; octet < 4; octet = octet + 1)
      write(COMMAND_CLIENT + 4 * octet, octet == 3 ? CLIENT : octet == 2 ? 32'h0000ffff : 0);
    write(COMMAND_LIFETIME_LOW, 32'd30_000_000);
    write(COMMAND_LIFETIME_HIGH, 0);
    write(COMMAND_SESSION, 0);
    out_frames = 0;
    write(COMMAND, 1);
    value = 16;
    while (value[4]) read(STATUS);
    read(RESULT);
    if (value[2:0] != 0) fail("the client was not woken");
    read(RESULT_NONCE);
    nonce = value;
    while (out_frames == 0) @(negedge clk);
    // TPID of the hop is 0x0202: the Wake Up carries a VLAN tag, so IPv4 begins at octet 18.
    if ({out_octets[34], out_octets[35], out_octets[36], out_octets[37]} != CLIENT) fail("a Wake Up to somebody else");
    if ({out_octets[46], out_octets[47], out_octets[48]} != 24'h010110) fail("not a Wake Up");
    if ({out_octets[49], out_octets[50], out_octets[51], out_octets[52]} != nonce) fail("a Wake Up with another nonce");

    request(nonce ^ 32'h1);
    send(REQUEST, FALSE_NONCE, 0, nonce ^ 32'h1);
    request(nonce);
    send(REQUEST, ACCEPTED, 1, nonce);
    send(REQUEST, REPEAT, 0, nonce);

    read(COUNTERS + 8 * ACCEPTED);
    if (value != 1) fail("another count of accepted");
    read(COUNTERS + 8 * NOT_WOKEN);
    if (value != 1) fail("another count of not_woken");
  end
  endtask

  initial begin
    repeat (10) @(negedge clk);
    rst_n = 1;
    repeat (80) @(negedge clk);
    read_all;
    from_host(0);
    from_host(1);
    reset(1);
    reset(1);
    reset(4);
    exchange;
    read_all;
    reset(1);
    read_all;
    from_host(0);
    arp;
    $display("PASS after %0d cycles", now);
    $finish_and_return(0);
  end

  initial begin
    #10_000_000 fail("still running after a million cycles");
  end

endmodule
