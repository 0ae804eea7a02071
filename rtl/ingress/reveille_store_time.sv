// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The time that session_control goes by (docs/timing/guard.md, "Store time"): while frames are under way the oldest
// one's, else time_i. Under way: from the cycle after its first beat to T, with n >= 7 to T+8; but a frame that has not
// ended within 16,384 cycles no longer. Two are under way at most: one with n >= 7 that has ended, and the next one, be
// it in its beats or, in T+8 alone, ended too.
module reveille_store_time
  import reveille_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  input  logic  beat_valid_i,
  input  logic  beat_last_i,
  input  time_t time_i,
  output time_t store_time_o,
  output logic  lookup_soon_o  // T+6 of a frame with n >= 7
);

  localparam int unsigned SoonCycles = 6;  // from T to lookup_soon_o
  localparam int unsigned TailCycles = 8;  // behind T a frame with n >= 7 is under way
  localparam int unsigned AgeWidth   = $clog2(MaxFrameCycles) + 1;

  logic                  in_frame_q;  // a frame has begun and not ended
  logic [2:0]            beats_q;     // of it so far, up to 7
  logic [AgeWidth-1:0]   age_q;       // cycles since its first beat, up to MaxFrameCycles
  logic                  overdue_q;   // more than that
  logic [SoonCycles:1]   soon_q;      // this is T+i of a frame with n >= 7
  logic [TailCycles:1]   tail_q;      // ... that was not overdue
  logic                  under_way_q;
  time_t                 newest_q;    // of the frame that began last
  time_t                 oldest_q;    // of the oldest frame under way
  logic                  begins, open, open_d, ends_long, tail_d;

  assign begins        = beat_valid_i && !in_frame_q;
  assign open          = in_frame_q && !overdue_q;  // a frame under way has not ended
  assign open_d        = beat_valid_i && beat_last_i ? 1'b0 : begins || (open && !age_q[AgeWidth-1]);
  assign ends_long     = beat_valid_i && beat_last_i && beats_q >= 3'(LookupBeats - 1);
  assign tail_d        = ends_long && !overdue_q;
  assign store_time_o  = under_way_q ? oldest_q : time_i;
  assign lookup_soon_o = soon_q[SoonCycles];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_frame_q  <= 1'b0;
      beats_q     <= '0;
      overdue_q   <= 1'b0;
      soon_q      <= '0;
      tail_q      <= '0;
      under_way_q <= 1'b0;
    end else begin
      if (beat_valid_i) begin
        in_frame_q <= !beat_last_i;
        beats_q    <= beat_last_i ? '0 : beats_q == '1 ? beats_q : beats_q + 3'd1;
      end
      overdue_q   <= in_frame_q && !(beat_valid_i && beat_last_i) && age_q[AgeWidth-1];
      soon_q      <= {soon_q[SoonCycles-1:1], ends_long};
      tail_q      <= {tail_q[TailCycles-1:1], tail_d};
      under_way_q <= open_d || tail_d || tail_q[TailCycles-1:1] != '0;
    end
  end

  // The oldest one's time is held while it is in its tail; else, and when it leaves, that of the frame behind it comes.
  always_ff @(posedge clk_i) begin
    if (begins)                     age_q <= AgeWidth'(1);
    else if (!age_q[AgeWidth-1])    age_q <= age_q + 1'b1;
    if (!open)                      newest_q <= time_i;
    if (tail_q[TailCycles] || tail_q[TailCycles-1:1] == '0) oldest_q <= open || tail_q[1] ? newest_q : time_i;
  end

endmodule
