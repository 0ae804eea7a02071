// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Takes the host's frames apart: host messages go to the framer, all others to the network; and puts the framer's
// frames between those, whole. docs/timing/egress.md E1 to E3.
//
// Does not look into frames, and does not reorder them: a message that waits for the framer holds up what is behind it.
module reveille_egress_arbiter
  import reveille_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 host_valid_i,
  output logic                 host_ready_o,
  input  logic [DataWidth-1:0] host_data_i,
  input  logic [KeepWidth-1:0] host_keep_i,
  input  logic                 host_last_i,
  input  logic                 host_user_i,      // first beat: a host message

  output beat_t                message_o,        // to the framer
  input  logic                 message_ready_i,
  input  beat_t                frame_i,          // from the framer
  output logic                 frame_ready_o,

  output logic                 net_valid_o,
  input  logic                 net_ready_i,
  output logic [DataWidth-1:0] net_data_o,
  output logic [KeepWidth-1:0] net_keep_o,
  output logic                 net_last_o
);

  localparam int unsigned Width = DataWidth + KeepWidth + 1;

  typedef enum logic [1:0] {
    StateFree,
    StateHost,
    StateFramer
  } state_e;

  // Queue H: each beat with whether its frame is a message, which is 0 while there is no beat.
  logic first_q, message_q, in_message;
  logic head_valid, head_message, head_last, head_pop;
  logic [KeepWidth-1:0] head_keep;
  logic [DataWidth-1:0] head_data;

  assign in_message = first_q ? host_user_i : message_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q   <= 1'b1;
      message_q <= 1'b0;
    end else if (host_valid_i && host_ready_o) begin
      first_q   <= host_last_i;
      message_q <= in_message;
    end
  end

  reveille_skid_buffer #(
    .Width(Width + 1)
  ) u_host (
    .clk_i,
    .rst_ni,
    .valid_i(host_valid_i),
    .ready_o(host_ready_o),
    .data_i ({in_message, host_last_i, host_keep_i, host_data_i}),
    .valid_o(head_valid),
    .ready_i(head_pop),
    .data_o ({head_message, head_last, head_keep, head_data})
  );

  // One beat a cycle into queue N.
  state_e state_q;
  logic room, host_ready, host_move, frame_move, choose_frame;
  logic [Width-1:0] moved;

  assign frame_ready_o = room && state_q != StateHost;
  assign frame_move    = frame_ready_o && frame_i.valid;
  assign host_ready    = room && (state_q == StateHost || (state_q == StateFree && !frame_i.valid));
  assign host_move     = host_ready && head_valid && !head_message;
  assign choose_frame  = frame_i.valid && state_q != StateHost;
  assign moved = choose_frame ? {frame_i.last, frame_i.keep, frame_i.data} : {head_last, head_keep, head_data};

  assign message_o = '{valid: head_message, last: head_last, keep: head_keep, data: head_data};
  assign head_pop  = head_message ? message_ready_i : host_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StateFree;
    end else if (frame_move) begin
      state_q <= frame_i.last ? StateFree : StateFramer;
    end else if (host_move) begin
      state_q <= head_last ? StateFree : StateHost;
    end
  end

  reveille_skid_buffer #(
    .Width(Width)
  ) u_net (
    .clk_i,
    .rst_ni,
    .valid_i(frame_move || host_move),
    .ready_o(room),
    .data_i (moved),
    .valid_o(net_valid_o),
    .ready_i(net_ready_i),
    .data_o ({net_last_o, net_keep_o, net_data_o})
  );

`ifndef SYNTHESIS
  // The framer's frames have no gaps (E8), and a frame under way is never a message.
  assert property (@(posedge clk_i) disable iff (!rst_ni) state_q == StateFramer |-> frame_i.valid);
  assert property (@(posedge clk_i) disable iff (!rst_ni) state_q == StateHost && head_valid |-> !head_message);
`endif

endmodule
