// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// When a command may have its turn, and what it asks for: its kind, and whether its arguments refuse it
// (docs/architecture.md, "Commands").
// docs/timing/guard.md: the paragraph before S1, S4; c is the cycle in which it has its turn.
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

  assign out_of_patience = waited_q[WaitWidth-1];
  assign eligible_o      = pending_i && visited_q &&
                           (command_i.opcode != CommandWake || nonce_valid_i || !nonce_seeded_i || out_of_patience);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      visited_q <= 1'b1;
      waited_q  <= '0;
    end else begin
      if (start_i)      visited_q <= 1'b0;
      else if (visit_i) visited_q <= 1'b1;
      if (!pending_i)           waited_q <= '0;
      else if (!out_of_patience) waited_q <= waited_q + 1'b1;
    end
  end

  logic upper_zero_q, mapped_q, no_lifetime_q, no_nonce_q, ipv4_enable_q, ipv6_enable_q, seeded_q;
  logic no_server, unused_command;

  assign unused_command = ^{command_i.client[31:0], command_i.phase[0], command_i.tag, command_i.hop, command_i.doi,
                            command_i.armed, command_i.source, command_i.location};

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
        inserts: command_i.opcode inside {CommandWake, CommandRestore},
        tags: command_i.opcode == CommandReply || command_i.opcode == CommandRestore && command_i.phase[1]
    };
    upper_zero_q  <= command_i.client[127:80] == '0;
    mapped_q      <= command_i.client[79:32] == 48'hffff;
    no_lifetime_q <= command_i.lifetime == '0;
    no_nonce_q    <= command_i.nonce == '0;
    ipv4_enable_q <= ipv4_enable_i;
    ipv6_enable_q <= ipv6_enable_i;
    seeded_q      <= nonce_seeded_i;
  end

  assign ipv4_o         = upper_zero_q && mapped_q;
  assign no_server      = !(ipv4_o ? ipv4_enable_q : ipv6_enable_q);
  assign not_seeded_o   = request_o.wake && !seeded_q;
  assign bad_argument_o = request_o.none || request_o.inserts && (no_lifetime_q || no_server) ||
                          request_o.restore && no_nonce_q;

endmodule
