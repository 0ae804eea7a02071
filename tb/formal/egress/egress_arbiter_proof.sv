// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_egress_arbiter against E1 to E3 of docs/timing/egress.md, written down as two queues and whose frame is
// under way, from any power-up state and with resets at any time. Host and network do as they like; the framer offers
// frames without gaps (E8).
module egress_arbiter_proof
  import reveille_pkg::*;
(
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 host_valid_i,
  input logic [DataWidth-1:0] host_data_i,
  input logic [KeepWidth-1:0] host_keep_i,
  input logic                 host_last_i,
  input logic                 host_user_i,
  input logic                 message_ready_i,
  input beat_t                frame_i,
  input logic                 net_ready_i
);

  localparam int unsigned Width = DataWidth + KeepWidth + 1;
  typedef logic [Width-1:0] word_t;  // {last, keep, data}

  logic  host_ready, frame_ready, net_valid;
  beat_t message;
  word_t net;

  reveille_egress_arbiter u_block (
    .clk_i,
    .rst_ni,
    .host_valid_i,
    .host_ready_o(host_ready),
    .host_data_i,
    .host_keep_i,
    .host_last_i,
    .host_user_i,
    .message_o(message),
    .message_ready_i,
    .frame_i,
    .frame_ready_o(frame_ready),
    .net_valid_o(net_valid),
    .net_ready_i,
    .net_data_o(net[DataWidth-1:0]),
    .net_keep_o(net[DataWidth+:KeepWidth]),
    .net_last_o(net[Width-1])
  );

  axi_stream_rules #(
    .Width(Width)
  ) u_net (
    .clk_i,
    .rst_ni,
    .valid_i(net_valid),
    .ready_i(net_ready_i),
    .data_i (net)
  );

  axi_stream_rules #(
    .Width(Width)
  ) u_message (
    .clk_i,
    .rst_ni,
    .valid_i(message.valid),
    .ready_i(message_ready_i),
    .data_i ({message.last, message.keep, message.data})
  );

  // Queue H, each word with whether it is a message's, and queue N.
  typedef struct packed {
    logic  message;
    word_t word;
  } head_t;

  logic [1:0] held;
  head_t      head, second, given;
  logic       begins, of_message, sent_q;
  word_t      sent;
  logic       started_q = 1'b0, host_under_way, framer_under_way;

  assign given = '{
      message: begins ? host_user_i : of_message,
      word: {host_last_i, host_keep_i, host_data_i}
  };

  // E3
  logic room, framer_moves, host_moves, host_taken, pops;

  assign room         = !sent_q || net_ready_i;
  assign framer_moves = room && frame_i.valid && !host_under_way;
  assign host_moves   = room && held != 2'd0 && !head.message && !framer_under_way && !framer_moves;
  assign host_taken   = host_valid_i && held != 2'd2;
  assign pops         = host_moves || (held != 2'd0 && head.message && message_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held             <= '0;
      begins           <= 1'b1;
      of_message       <= 1'b0;
      sent_q           <= 1'b0;
      host_under_way   <= 1'b0;
      framer_under_way <= 1'b0;
    end else begin
      held <= held + 2'(host_taken) - 2'(pops);
      if (host_taken) {begins, of_message} <= {host_last_i, given.message};
      if (room) sent_q <= framer_moves || host_moves;
      if (host_moves) host_under_way <= !head.word[Width-1];
      if (framer_moves) framer_under_way <= !frame_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (held == 2'd0 || pops) head <= held == 2'd2 ? second : given;
    if (held != 2'd2) second <= given;
    if (room) sent <= framer_moves ? {frame_i.last, frame_i.keep, frame_i.data} : head.word;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (!framer_under_way || frame_i.valid);
    if (rst_ni) begin
      queue_h: assert (host_ready == (held != 2'd2));
      queue_n: assert (net_valid == sent_q && net == (sent_q ? sent : '0));
      takes_the_framers: assert (!frame_i.valid || frame_ready == framer_moves);
      hands_on_messages: assert (message.valid == (held != 2'd0 && head.message));
      messages_whole: assert (!message.valid || {message.last, message.keep, message.data} == head.word);
      one_frame_at_a_time: assert (!(host_under_way && framer_under_way));
      framer_goes_first: cover (framer_moves && held != 2'd0 && !head.message);
      host_goes_on: cover (host_moves && host_under_way && frame_i.valid);
      message_waits: cover (held == 2'd2 && head.message && second.word != head.word);
    end
  end

endmodule
