// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What is written to a session, by the start-up, a command or a visit (docs/architecture.md, "Commands", "Visits").
// docs/timing/guard.md: S1, S9, S14, S15; w is the cycle of the write, the first free one behind that of the order.
module reveille_session_write
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           free_next_i,      // the cycle to come is free
  input  logic           cleared_i,

  // The order; everything else stands from there on to w, where not said
  input  parts_t         command_parts_i,
  input  parts_t         visit_parts_i,
  input  place_t         place_i,

  // A command's
  input  request_t       request_i,
  input  command_t       command_i,
  input  nonce_t         nonce_i,
  input  logic [3:0]     resend_budget_i,  // w
  // A visit's
  input  logic           visit_i,
  input  wake_state_t    wake_state_i,
  input  logic           wake_i,           // it is a Wake Up that is handed over
  // The deadline, or the next Wake Up
  input  time_t          later_i,

  output write_t         write_o           // w
);

  // Far from the memories: from registers straight to them
  parts_t             ordered, waits_q;
  parts_t [Lanes-1:0] parts_q;
  store_address_t     address_q;
  tag_t             aux_q;
  phase_e           phase_q;
  logic             held_q;
  wake_state_t      visit_aux;
  tag_t             command_aux;
  logic             unused_parts;

  assign unused_parts = ^{command_i.opcode, command_i.nonce, command_i.lifetime, command_i.location, request_i.none,
                          request_i.reject, request_i.answers, request_i.close, request_i.read, request_i.read_location,
                          wake_state_i.armed, wake_state_i.next};

  assign ordered = command_parts_i | visit_parts_i | waits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waits_q   <= '0;
      parts_q   <= '0;
      address_q <= '0;
    end else begin
      waits_q   <= free_next_i ? '0 : ordered;
      for (int unsigned lane = 0; lane < Lanes; lane++) begin
        parts_q[lane] <= free_next_i && {place_i.way.bank, place_i.way.lane} == 2'(lane) ? ordered : '0;
      end
      address_q <= cleared_i ? store_address(place_i.row, place_i.way.half, place_i.way.lane)
                             : address_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    held_q  <= cleared_i && !visit_i && request_i.inserts;
    aux_q   <= visit_i ? visit_aux : command_aux;
    phase_q <= request_i.reply ? PhaseReplied : request_i.restore ? command_i.phase : PhaseOutstanding;
  end

  // Of a new session the next Wake Up is due at 0: at once.
  assign command_aux = request_i.tags ? command_i.tag :
                       {command_i.source, request_i.wake || command_i.armed, command_i.doi, command_i.hop, 56'd0};
  assign visit_aux   = '{
      source: wake_state_i.source,
      armed: wake_i,
      doi: wake_state_i.doi,
      hop: wake_state_i.hop,
      sent: wake_state_i.sent + 4'(wake_i),
      next: later_i
  };

  assign write_o = '{
      clears: !cleared_i,
      parts: parts_q,
      address: address_q,
      entry: '{
          held: held_q,
          client: command_i.client,
          nonce: nonce_i,
          deadline: later_i,
          aux: aux_q
      },
      state: '{
          phase: phase_q,
          resends_left: resend_budget_i,
          false_nonces: '0
      }
  };

endmodule
