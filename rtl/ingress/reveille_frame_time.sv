// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The time of a frame, time_i in the cycle of its first beat, kept until its descriptor. Only frames of
// three beats or more have a use for theirs (no shorter one comes to an event or has a look-up), and those end at least
// three cycles apart: so each register of a chain holds a time for three cycles.
module reveille_frame_time
  import reveille_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  input  logic  beat_valid_i,
  input  logic  beat_last_i,
  input  time_t time_i,
  output time_t descriptor_now_o  // T+11 to T+13
);

  localparam int unsigned Stages = 4;  // visible from T+2, T+5, T+8, T+11 on

  logic                  open_q;     // a frame has begun and not ended
  logic [1:0]            beats_q;    // of it so far, up to 2
  logic [3*Stages-2:1]   moves_q;    // [i]: this is T+i of a frame of three beats or more
  time_t                 newest_q;   // of the frame that began last
  time_t [Stages-1:0]    now_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q  <= 1'b0;
      beats_q <= '0;
      moves_q <= '0;
    end else begin
      moves_q <= {moves_q[3*Stages-3:1], beat_valid_i && beat_last_i && beats_q[1]};
      if (beat_valid_i) begin
        open_q  <= !beat_last_i;
        beats_q <= beat_last_i ? '0 : {beats_q != '0, 1'b1};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_valid_i && !open_q) newest_q <= time_i;
    if (moves_q[1]) now_q[0] <= newest_q;
    for (int unsigned i = 1; i < Stages; i++) begin
      if (moves_q[3*i+1]) now_q[i] <= now_q[i-1];
    end
  end

  assign descriptor_now_o = now_q[Stages-1];

endmodule
