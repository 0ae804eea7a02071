// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The counters of verdicts and losses, 48 bits, one increment a cycle. docs/timing/host.md H11 to H13.
// The lower 12 bits lie in distributed RAM: read in one cycle, counted on and written in the next. The upper 36 lie in
// block RAM, and beside them bit 11 as it was when they were written: if that was 1 and is 0 now, the lower bits have
// wrapped since, and the upper ones are one more.
// A sweep writes them anew, each counter at least every 512 cycles: no counter gets 2,048 on in that time.
//
// Writes zeros for the first 32 cycles after reset, and does not count meanwhile.
`include "reveille_assert.svh"

module reveille_counters
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  verdict_t    verdict_i,
  input  logic        lost_i,

  input  logic        request_i,    // c-2; a read or anything else, not again for five cycles
  input  logic [4:0]  index_i,      // c-2
  input  logic        read_i,       // c
  input  logic        high_i,       // c: HIGH, else LOW
  output logic [31:0] data_o        // c+1, 0 in any other cycle
);

  localparam int unsigned Low = 12, High = 36;
  localparam int unsigned Middle = 32 - Low, Top = High - Middle;
  localparam int unsigned Counters = 32;
  localparam logic [4:0] IndexOverrun = 5'd17, IndexOversize = 5'd18, IndexSessionOverrun = 5'd19;

  logic cleared_q;
  logic [4:0] sweep_q;
  logic [1:0] phase_q;                          // of the sweep: address; lower bits read; upper bits read; written
  logic sweep_write;

  // To count
  // -------------------------------------------------------------------------------------------------------------
  logic seen_q, lost_q;                         // a verdict of the cycle before
  logic [4:0] index_lost, index_lost_q, index_q, index;
  logic count_q, clear_q, counted_q;            // the counter that is counted on, and the one that was
  logic [4:0] count_index, count_index_q, counted_index_q;
  logic again_q;                                // they are one
  logic [Low-1:0] stored, stored_q, low, low_d, low_q;

  always_comb begin
    index_lost = IndexOverrun;
    if (verdict_i.code inside {VerdictAccepted, VerdictResend, VerdictSaRecovered}) index_lost = IndexSessionOverrun;
    if (verdict_i.oversize) index_lost = IndexOversize;
    index       = lost_q ? index_lost_q : index_q;
    count_index = cleared_q ? index : sweep_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      seen_q    <= 1'b0;
      count_q   <= 1'b0;
      counted_q <= 1'b0;
    end else begin
      seen_q    <= verdict_i.valid && cleared_q;
      count_q   <= seen_q || !cleared_q;
      counted_q <= count_q;
    end
  end

  // What the memory gave lacks the count that was under way. The one behind all ones is 0.
  assign low   = (again_q ? low_q : stored_q) | {Low{clear_q}};
  assign low_d = low + 1'b1;

  always_ff @(posedge clk_i) begin
    lost_q       <= lost_i;
    index_lost_q <= index_lost;
    index_q      <= verdict_i.code;

    clear_q         <= !cleared_q;
    count_index_q   <= count_index;
    again_q         <= count_q && index == count_index_q;
    stored_q        <= stored;
    counted_index_q <= count_index_q;
    low_q           <= low_d;
  end

  // To read: for the host when it requests something, else for the sweep
  // ----------------------------------------------------
  logic [4:0] address, address_q;
  logic [Low-1:0] low_read, low_read_q;
  logic [Middle-1:0] middle_read, middle, middle_q;
  logic [Top-1:0] top_read, top_q, top;         // top: a cycle behind middle, for the carry takes its time
  logic carry, carry_q;
  logic half, half_q;                           // bit 11 when the upper bits were written, and now
  logic wrapped_q;

  assign address         = request_i ? index_i : sweep_q;
  assign {carry, middle} = {1'b0, middle_read} + (Middle + 1)'(wrapped_q);
  assign top             = top_q + Top'(carry_q);

  always_ff @(posedge clk_i) begin
    address_q  <= address;
    low_read_q <= low_read;
    wrapped_q  <= half && !low_read[Low-1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {top_q, carry_q, middle_q, half_q} <= '0;
    else if (cleared_q) {top_q, carry_q, middle_q, half_q} <= {top_read, carry, middle, low_read_q[Low-1]};
  end

  // Two copies of the lower bits: one to count, one to read.
  reveille_lutram #(
    .Width(Low),
    .Depth(Counters)
  ) u_low (
    .clk_i,
    .we_i   (count_q),
    .waddr_i(count_index_q),
    .wdata_i(low_d),
    .raddr_i(index),
    .rdata_o(stored)
  );
  reveille_lutram #(
    .Width(Low),
    .Depth(Counters)
  ) u_low_read (
    .clk_i,
    .we_i   (counted_q),
    .waddr_i(counted_index_q),
    .wdata_i(low_q),
    .raddr_i(address_q),
    .rdata_o(low_read)
  );

  reveille_lutram #(
    .Width(1),
    .Depth(Counters)
  ) u_half (
    .clk_i,
    .we_i   (sweep_write),
    .waddr_i(sweep_q),
    .wdata_i(half_q),
    .raddr_i(address_q),
    .rdata_o(half)
  );

  reveille_ram #(
    .Width(High),
    .Depth(Counters)
  ) u_high (
    .clk_i,
    .we_i   (sweep_write),
    .waddr_i(sweep_q),
    .wdata_i({top, middle_q}),
    .raddr_i(address),
    .rdata_o({top_read, middle_read})
  );

  // To sweep. The host's read must not meet a write of the same counter: its request starts the sweep's turn anew.
  // ------
  assign sweep_write = !cleared_q || (phase_q == 2'd3 && !request_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cleared_q <= 1'b0;
      sweep_q   <= '0;
      phase_q   <= '0;
    end else begin
      if (sweep_q == 5'd31) cleared_q <= 1'b1;
      if (sweep_write) sweep_q <= sweep_q + 5'd1;
      phase_q <= cleared_q && !request_i ? phase_q + 2'd1 : 2'd0;
    end
  end

  // The host's answer
  // ----------------------------------------------------------------------------------------------------
  logic latches_q;
  logic [Top-1:0] latch_q;                      // upper 16 bits of the counter read last; from c+2 on

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      latches_q <= 1'b0;
      latch_q   <= '0;
    end else begin
      latches_q <= read_i && !high_i;
      if (latches_q) latch_q <= top;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!read_i) data_o <= '0;
    else data_o <= high_i ? 32'(latch_q) : {middle, low_read_q};
  end

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.guessing, verdict_i.value, verdict_i.source, verdict_i.now};

  `REVEILLE_ASSERT(ReadWasRequested, read_i -> $past(request_i, 2))
  `REVEILLE_ASSERT_APART(RequestsApart, 4, request_i)

endmodule
