// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// When a command may have its turn, and what it asks for: its kind, and whether its arguments refuse it
// (docs/architecture.md, "Commands").
// docs/timing/guard.md: the paragraph before S1, S4; c is the cycle in which it has its turn, so that its arguments
// have stood since c-1.
module reveille_session_request
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic     clk_i,
  input  logic     rst_ni,

  input  logic     ipv4_enable_i,
  input  logic     ipv6_enable_i,
  input  logic     nonce_seeded_i,
  input  logic     nonce_valid_i,
  input  logic     pending_i,
  input  logic     ready_i,         // start-up is over
  input  command_t command_i,

  input  logic     start_i,         // c
  input  logic     visit_i,         // a visit begins
  output logic     eligible_o,
  // From c+1 on
  output request_t request_o,
  output logic     ipv4_o,          // of an IPv4 client
  output logic     not_seeded_o,    // ... in c
  output logic     bad_argument_o   // ... with the enables of c
);

  localparam int unsigned MaxWait   = 65536;  // cycles, of a wake for its nonce
  localparam int unsigned WaitWidth = $clog2(MaxWait) + 1;

  // A visit lies between two commands; a wake waits for its nonce while visits go on.
  logic                 visited_q;
  logic [WaitWidth-1:0] waited_q;  // cycles in which it has been pending, up to MaxWait
  logic                 out_of_patience;
  logic                 its_turn_q, can_end_q;

  assign eligible_o      = its_turn_q && can_end_q;
  assign out_of_patience = waited_q[WaitWidth-1];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      visited_q  <= 1'b1;
      waited_q   <= '0;
      its_turn_q <= 1'b0;
      can_end_q  <= 1'b0;
    end else begin
      if (start_i)      visited_q <= 1'b0;
      else if (visit_i) visited_q <= 1'b1;
      if (!pending_i)            waited_q <= '0;
      else if (!out_of_patience) waited_q <= waited_q + 1'b1;
      its_turn_q <= pending_i && ready_i && visited_q;
      can_end_q  <= command_i.opcode != CommandWake || nonce_valid_i || !nonce_seeded_i || out_of_patience;
    end
  end

  // Wide comparisons in two cycles, eight bits at first
  localparam int unsigned Slice          = 8;
  localparam int unsigned UpperSlices    = 6;  // of the client: 0 of an IPv4 client
  localparam int unsigned MappedSlices   = 6;  // of the client: ffff of an IPv4 client
  localparam int unsigned LifetimeSlices = 7;
  localparam int unsigned NonceSlices    = $bits(nonce_t) / Slice;

  localparam logic [8*MappedSlices-1:0] Mapped = 48'hffff;

  logic [UpperSlices-1:0]             upper_zero_q;
  logic [MappedSlices-1:0]            mapped_q;
  logic [LifetimeSlices-1:0]          lifetime_zero_q;
  logic [NonceSlices-1:0]             nonce_zero_q;
  logic [Slice*LifetimeSlices-1:0]    lifetime;
  logic ipv4, bad_value_q, enabled_q;  // enabled_q: some server address of the client's family, or it needs none
  logic inserts, unused_command;

  assign unused_command = ^{command_i.client[31:0], command_i.phase[0], command_i.tag, command_i.hop, command_i.doi,
                            command_i.armed, command_i.source, command_i.location};
  assign inserts        = command_i.opcode inside {CommandWake, CommandRestore};
  assign lifetime       = (Slice * LifetimeSlices)'(command_i.lifetime);
  assign ipv4           = &upper_zero_q && &mapped_q;

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < UpperSlices; i++) begin
      upper_zero_q[i] <= command_i.client[80+Slice*i+:Slice] == '0;
    end
    for (int unsigned i = 0; i < MappedSlices; i++) begin
      mapped_q[i] <= command_i.client[32+Slice*i+:Slice] == Mapped[Slice*i+:Slice];
    end
    for (int unsigned i = 0; i < LifetimeSlices; i++) lifetime_zero_q[i] <= lifetime[Slice*i+:Slice] == '0;
    for (int unsigned i = 0; i < NonceSlices; i++)    nonce_zero_q[i]    <= command_i.nonce[Slice*i+:Slice] == '0;
  end

  always_ff @(posedge clk_i) begin
    request_o <= '{
        wake: command_i.opcode == CommandWake,
        reply: command_i.opcode == CommandReply,
        reject: command_i.opcode == CommandReject,
        close: command_i.opcode == CommandClose,
        restore: command_i.opcode == CommandRestore,
        read: command_i.opcode == CommandRead,
        read_location: command_i.opcode == CommandReadLocation,
        none: command_i.opcode == CommandNone,
        inserts: inserts,
        answers: command_i.opcode inside {CommandReply, CommandReject},
        tags: command_i.opcode == CommandReply || command_i.opcode == CommandRestore && command_i.phase[1]
    };
    ipv4_o        <= ipv4;
    bad_value_q   <= command_i.opcode == CommandNone || inserts && &lifetime_zero_q ||
                     command_i.opcode == CommandRestore && &nonce_zero_q;
    enabled_q     <= !inserts || (ipv4 ? ipv4_enable_i : ipv6_enable_i);
    not_seeded_o  <= command_i.opcode == CommandWake && !nonce_seeded_i;
  end

  assign bad_argument_o = bad_value_q || !enabled_q;

endmodule
