// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The time that session_control goes by (docs/timing/guard.md, "Store time"): while a frame is under way its time, of two
// the older one's; else time_i. Under way: from the cycle after its first beat to T, with n >= 7 to T+3.
module reveille_store_time
  import reveille_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  input  logic  beat_valid_i,
  input  logic  beat_last_i,
  input  time_t time_i,
  output time_t store_time_o,
  output logic  lookup_soon_o  // T+1 of a frame with n >= 7
);

  logic open_q, open_d;        // a frame has begun and not ended
  logic [2:0] beats_q;         // of it so far, up to 7
  logic [1:0] tail_q;          // T+1, T+2 of the last frame with n >= 7
  logic [2:0] tail_d;
  logic under_way_q;
  time_t now_q;                // of the frame that began last
  time_t oldest_q;             // of the oldest frame under way

  assign open_d        = beat_valid_i ? !beat_last_i : open_q;
  assign tail_d        = {tail_q, beat_valid_i && beat_last_i && beats_q >= 3'(LookupBeats - 1)};
  assign store_time_o  = under_way_q ? oldest_q : time_i;
  assign lookup_soon_o = tail_q[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q      <= 1'b0;
      beats_q     <= '0;
      tail_q      <= '0;
      under_way_q <= 1'b0;
    end else begin
      open_q      <= open_d;
      tail_q      <= tail_d[1:0];
      under_way_q <= open_d || tail_d != 3'd0;
      if (beat_valid_i) beats_q <= beat_last_i ? '0 : beats_q == '1 ? beats_q : beats_q + 3'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!open_q) now_q <= time_i;
    if (tail_d == 3'd0) oldest_q <= open_q ? now_q : time_i;
  end

endmodule
