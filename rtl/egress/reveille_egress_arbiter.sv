// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Takes the host's frames apart: host messages go to the framer, all others to the network; and puts the framer's
// frames between those, whole. docs/timing/egress.md E1 to E3.
//
// Does not look into frames, and does not reorder them: a message that waits for the framer holds up what is behind it.
`include "reveille_assert.svh"

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

  // A28: a header says what tuser says without, and goes no further.
  logic host_valid, host_message;

  if (InBandHeader) begin : gen_header
    logic header_q;  // it comes next
    logic message_header_q, unused_user;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        header_q         <= 1'b1;
        message_header_q <= 1'b0;
      end else if (host_valid_i && host_ready_o) begin
        header_q <= host_last_i;
        if (header_q) message_header_q <= host_data_i[0];
      end
    end

    assign unused_user  = host_user_i;
    assign host_valid   = host_valid_i && !header_q;
    assign host_message = message_header_q;
  end else begin : gen_user
    assign host_valid   = host_valid_i;
    assign host_message = host_user_i;
  end

  // Queue H: each beat with whether it goes to the framer or passes; neither while there is none.
  logic first_q, message_q, in_message;
  logic head_valid, head_message, head_passes, head_last, head_pop;
  logic [KeepWidth-1:0] head_keep;
  logic [DataWidth-1:0] head_data;

  assign in_message = first_q ? host_message : message_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q   <= 1'b1;
      message_q <= 1'b0;
    end else if (host_valid && host_ready_o) begin
      first_q   <= host_last_i;
      message_q <= in_message;
    end
  end

  reveille_skid_buffer #(
    .Width(Width + 2)
  ) u_host (
    .clk_i,
    .rst_ni,
    .valid_i(host_valid),
    .ready_o(host_ready_o),
    .data_i ({host_valid && in_message, host_valid && !in_message, host_last_i, host_keep_i, host_data_i}),
    .valid_o(head_valid),
    .ready_i(head_pop),
    .data_o ({head_message, head_passes, head_last, head_keep, head_data})
  );

  assign message_o = '{valid: head_message, last: head_last, keep: head_keep, data: head_data};

  // One beat a cycle into queue N: the framer's frame, which has no gaps (E8), comes first but for a passing frame
  // under way. What goes in while there is nothing is 0, and so is what comes out then.
  logic host_q;          // a passing frame is under way
  logic turn_q, free_q;  // complements of host_q and net_valid_o: those two choose all the data
  logic room, choose_frame, choose_host;

  assign choose_frame  = frame_i.valid && !host_q;
  assign choose_host   = head_passes && !choose_frame;
  assign frame_ready_o = room && turn_q;
  assign head_pop      = head_message ? message_ready_i : (net_ready_i || free_q) && !(frame_i.valid && turn_q);
  assign room          = net_ready_i || !net_valid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      host_q <= 1'b0;
      turn_q <= 1'b1;
    end else if (choose_host && room) begin
      host_q <= !head_last;
      turn_q <= head_last;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      net_valid_o <= 1'b0;
      free_q      <= 1'b1;
    end else if (room) begin
      net_valid_o <= choose_frame || choose_host;
      free_q      <= !(choose_frame || choose_host);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {net_last_o, net_keep_o, net_data_o} <= '0;
    end else if (room) begin
      {net_last_o, net_keep_o, net_data_o} <= choose_frame ? {frame_i.last, frame_i.keep, frame_i.data} :
                                              {Width{head_passes}} & {head_last, head_keep, head_data};
    end
  end

  `REVEILLE_ASSERT_NEXT(FramerHasNoGaps, choose_frame && room && !frame_i.last, frame_i.valid && !host_q)
  `REVEILLE_ASSERT(NoMessageWithinAFrame, host_q && head_valid -> head_passes)
  `REVEILLE_ASSERT(Complements, turn_q == !host_q && free_q == !net_valid_o)
  `REVEILLE_COVER(BothOffered, frame_i.valid && head_passes && !host_q)

endmodule
