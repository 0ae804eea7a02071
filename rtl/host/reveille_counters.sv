// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The counters of verdicts and losses, 48 bits, one increment a cycle. docs/timing/host.md H11 to H13.
// Each is two halves of 24 bits in distributed RAM: the lower is counted in x = c+1, its carry into the upper in x+1. The
// host reads copies in the same order, c and c+1, and so gets both halves as they belong together.
//
// Writes zeros for the first 32 cycles after reset, and does not count meanwhile.
module reveille_counters
  import reveille_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  verdict_t    verdict_i,
  input  logic        lost_i,

  input  logic        read_i,       // c
  input  logic [4:0]  index_i,
  input  logic        high_i,
  output logic [31:0] data_o        // c+1, 0 in any other cycle
);

  localparam int unsigned Half = 24;
  localparam int unsigned Counters = 32;
  localparam logic [4:0] IndexOverrun = 5'd17, IndexOversize = 5'd18;

  logic [5:0] clear_q;              // bit 5: cleared
  logic count_q1, clear_q1, carry_q2, clear_q2;
  logic [4:0] index_q1, index_q2;
  logic [Half-1:0] low, high, low_host, high_host, low_host_q;
  logic [Half:0] low_sum;
  logic read_low_q, read_high_q;
  logic [4:0] index_host_q;
  logic [15:0] latch_q;             // upper 16 bits of the counter read last

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clear_q  <= '0;
      clear_q1 <= 1'b0;
      clear_q2 <= 1'b0;
      count_q1 <= 1'b0;
      carry_q2 <= 1'b0;
    end else begin
      clear_q  <= clear_q[5] ? clear_q : clear_q + 6'd1;
      clear_q1 <= !clear_q[5];
      clear_q2 <= clear_q1;
      count_q1 <= verdict_i.valid && clear_q[5];
      carry_q2 <= count_q1 && low_sum[Half];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!clear_q[5]) index_q1 <= clear_q[4:0];
    else if (lost_i) index_q1 <= verdict_i.oversize ? IndexOversize : IndexOverrun;
    else index_q1 <= verdict_i.code;
    index_q2 <= index_q1;
  end

  assign low_sum = {1'b0, low} + 1'b1;

  for (genvar copy = 0; copy < 2; copy++) begin : gen_copy
    logic [Half-1:0] low_read, high_read;

    reveille_lutram #(
      .Width(Half),
      .Depth(Counters)
    ) u_low (
      .clk_i,
      .we_i   (count_q1 || clear_q1),
      .waddr_i(index_q1),
      .wdata_i(clear_q1 ? '0 : low_sum[Half-1:0]),
      .raddr_i(copy == 0 ? index_q1 : index_i),
      .rdata_o(low_read)
    );

    reveille_lutram #(
      .Width(Half),
      .Depth(Counters)
    ) u_high (
      .clk_i,
      .we_i   (carry_q2 || clear_q2),
      .waddr_i(index_q2),
      .wdata_i(clear_q2 ? '0 : high + 1'b1),
      .raddr_i(copy == 0 ? index_q2 : index_host_q),
      .rdata_o(high_read)
    );
  end

  assign low       = gen_copy[0].low_read;
  assign high      = gen_copy[0].high_read;
  assign low_host  = gen_copy[1].low_read;
  assign high_host = gen_copy[1].high_read;

  // The host's read.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_low_q  <= 1'b0;
      read_high_q <= 1'b0;
      latch_q     <= '0;
    end else begin
      read_low_q  <= read_i && !high_i;
      read_high_q <= read_i && high_i;
      if (read_low_q) latch_q <= high_host[Half-1:8];
    end
  end

  always_ff @(posedge clk_i) begin
    index_host_q <= index_i;
    low_host_q   <= low_host;
  end

  assign data_o = read_low_q ? {high_host[7:0], low_host_q} : read_high_q ? {16'd0, latch_q} : '0;

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.value, verdict_i.source, verdict_i.now};

endmodule
