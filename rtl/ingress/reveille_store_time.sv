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
  output time_t store_time_o
);

  logic open_q;                // a frame has begun and not ended
  logic [2:0] beats_q;         // of it so far, up to 7
  logic [2:0] ended_q;         // one bit for each of T+1 to T+3 of the last frame with n >= 7
  time_t now_q, ended_now_q;
  logic ends;

  assign ends = beat_valid_i && beat_last_i && beats_q >= 3'(LookupBeats - 1);
  assign store_time_o = ended_q != 3'd0 ? ended_now_q : open_q ? now_q : time_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q  <= 1'b0;
      beats_q <= '0;
      ended_q <= '0;
    end else begin
      ended_q <= {ended_q[1:0], ends};
      if (beat_valid_i) begin
        open_q  <= !beat_last_i;
        beats_q <= beat_last_i ? '0 : beats_q == '1 ? beats_q : beats_q + 3'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_valid_i && !open_q) now_q <= time_i;
    if (ends) ended_now_q <= now_q;
  end

endmodule
