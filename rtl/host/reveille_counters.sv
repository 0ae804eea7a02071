// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The counters of verdicts and losses, 48 bits, one increment a cycle. docs/timing/host.md H11 to H13.
// Each is two halves of 24 bits in distributed RAM: the lower is read in c and written in c+1, the upper read in c+1 and,
// with the lower's carry, written in c+2. A half that is just being written is handed on. The host reads copies in the
// same order, one cycle apart, and so gets halves that belong together.
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

  logic [5:0] clear_q;                          // bit 5: cleared
  logic write_q1, write_q2, clear_q1, carry_d, carry_q2;
  logic [4:0] index, index_q1, index_q2;
  logic [Half-1:0] low_q1, high_q2, low_q2, high_q3, low_d, high_d;
  logic again_q1, again_q2;                     // the same counter as in the cycle before
  logic [Half-1:0] low_host_q;
  logic read_low_q, read_high_q;
  logic [4:0] index_host_q;
  logic [15:0] latch_q;                         // upper 16 bits of the counter read last
  logic [3:0][Half-1:0] read;                   // low, high; the host's low, high

  always_comb begin
    if (!clear_q[5]) index = clear_q[4:0];
    else if (lost_i) index = verdict_i.oversize ? IndexOversize : IndexOverrun;
    else index = verdict_i.code;
  end

  // To clear is to count from -1 to 0.
  assign {carry_d, low_d} = {1'b0, again_q1 ? low_q2 : low_q1} + 1'b1;
  assign high_d           = (again_q2 ? high_q3 : high_q2) + Half'(carry_q2);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clear_q  <= '0;
      clear_q1 <= 1'b0;
      write_q1 <= 1'b0;
      write_q2 <= 1'b0;
    end else begin
      clear_q  <= clear_q[5] ? clear_q : clear_q + 6'd1;
      clear_q1 <= !clear_q[5];
      write_q1 <= verdict_i.valid || !clear_q[5];
      write_q2 <= write_q1;
    end
  end

  always_ff @(posedge clk_i) begin
    index_q1 <= index;
    index_q2 <= index_q1;
    low_q1   <= !clear_q[5] ? '1 : read[0];
    low_q2   <= low_d;
    again_q1 <= clear_q[5] && write_q1 && index_q1 == index;
    high_q2  <= clear_q1 ? '1 : read[1];
    high_q3  <= high_d;
    again_q2 <= !clear_q1 && write_q2 && index_q2 == index_q1;
    carry_q2 <= carry_d;
  end

  // Two copies: one to count, one for the host.
  for (genvar i = 0; i < 4; i++) begin : gen_half
    localparam bit High = i % 2 != 0;
    localparam bit Host = i / 2 != 0;

    reveille_lutram #(
      .Width(Half),
      .Depth(Counters)
    ) u_memory (
      .clk_i,
      .we_i   (High ? write_q2 : write_q1),
      .waddr_i(High ? index_q2 : index_q1),
      .wdata_i(High ? high_d : low_d),
      .raddr_i(Host ? (High ? index_host_q : index_i) : (High ? index_q1 : index)),
      .rdata_o(read[i])
    );
  end

  // The host's read.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_low_q  <= 1'b0;
      read_high_q <= 1'b0;
      latch_q     <= '0;
    end else begin
      read_low_q  <= read_i && !high_i;
      read_high_q <= read_i && high_i;
      if (read_low_q) latch_q <= read[3][Half-1:8];
    end
  end

  always_ff @(posedge clk_i) begin
    index_host_q <= index_i;
    low_host_q   <= read[2];
  end

  assign data_o = read_low_q ? {read[3][7:0], low_host_q} : read_high_q ? {16'd0, latch_q} : '0;

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.value, verdict_i.source, verdict_i.now};

endmodule
