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
  output logic  lookup_soon_o  // T+7 of a frame with n >= 7
);

  localparam int unsigned SoonCycles = 7;  // from T to lookup_soon_o
  localparam int unsigned TailCycles = 8;  // behind T a frame with n >= 7 is under way
  localparam int unsigned AgeWidth   = $clog2(MaxFrameCycles) + 1;

  logic                  in_frame_q;  // a frame has begun and not ended
  logic                  open_q;      // ... and is under way: it is not overdue
  logic [2:0]            beats_q;     // of it so far, up to 7
  logic                  long_q;      // they are all but the last of 7
  logic                  has_tail_q;  // ... and the frame is under way
  logic [AgeWidth-1:0]   age_q;       // cycles since its first beat, up to MaxFrameCycles
  logic [SoonCycles:1]   soon_q;      // this is T+i of a frame with n >= 7
  logic [TailCycles:1]   tail_q;      // ... that was not overdue
  logic                  more_tail_q; // one of them, but for the first and the last
  logic                  has_ended_q; // a frame that has ended is under way
  time_t                 newest_q;    // of the frame that began last
  time_t                 oldest_q;    // of the oldest frame under way
  logic                  begins, ends, long, open_d, tail_d, in_tail;

  assign begins        = beat_valid_i && !in_frame_q;
  assign ends          = beat_valid_i && beat_last_i;
  assign long          = beats_q >= 3'(LookupBeats - 2);
  assign open_d        = !ends && (begins || (open_q && !age_q[AgeWidth-1]));
  assign tail_d        = ends && has_tail_q;
  assign in_tail       = tail_q[1] || more_tail_q;  // T+1 to T+7
  assign store_time_o  = open_q || has_ended_q ? oldest_q : time_i;
  assign lookup_soon_o = soon_q[SoonCycles];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_frame_q  <= 1'b0;
      open_q      <= 1'b0;
      beats_q     <= '0;
      long_q      <= 1'b0;
      has_tail_q  <= 1'b0;
      soon_q      <= '0;
      tail_q      <= '0;
      more_tail_q <= 1'b0;
      has_ended_q <= 1'b0;
    end else begin
      if (beat_valid_i) begin
        in_frame_q <= !beat_last_i;
        beats_q    <= beat_last_i ? '0 : beats_q == '1 ? beats_q : beats_q + 3'd1;
        long_q     <= !beat_last_i && long;
      end
      open_q      <= open_d;
      has_tail_q  <= open_q && !ends && !age_q[AgeWidth-1] && (beat_valid_i ? long : long_q);
      soon_q      <= {soon_q[SoonCycles-1:1], ends && long_q};
      tail_q      <= {tail_q[TailCycles-1:1], tail_d};
      more_tail_q <= tail_q[1] || (more_tail_q && !tail_q[TailCycles-1]);
      has_ended_q <= tail_d || in_tail;
    end
  end

  // The oldest one's time is held while it is in its tail; else, and when it leaves, that of the frame behind it comes.
  always_ff @(posedge clk_i) begin
    if (begins)                     age_q <= AgeWidth'(1);
    else if (!age_q[AgeWidth-1])    age_q <= age_q + 1'b1;
    if (!open_q)                    newest_q <= time_i;
    if (tail_q[TailCycles] || !in_tail) oldest_q <= open_q || tail_q[1] ? newest_q : time_i;
  end

endmodule
