// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a command writes to the session that it has found, or makes (docs/architecture.md, "Commands").
// docs/timing/guard.md: S9; w is the cycle of the write. No sum wraps: a deadline beyond the width of time is the last
// one.
module reveille_session_write
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic       clk_i,
  input  logic       write_i,          // w
  input  request_t   request_i,        // all others from w-1 on, where not said
  input  command_t   command_i,
  input  place_t     place_i,          // w
  input  nonce_t     nonce_i,
  input  time_t      now_i,            // from w-4 on
  input  logic [3:0] resends_left_i,   // as found; w
  input  logic [3:0] resend_budget_i,  // w
  output write_t     write_o           // w
);

  localparam int unsigned TimeWidth = $bits(time_t);

  logic [TimeWidth:0] deadline_sum_q;
  time_t              deadline_q;
  wake_state_t        fresh_aux;
  logic               unused_parts;

  assign unused_parts = ^{command_i.opcode, command_i.nonce, command_i.location, request_i.none, request_i.read,
                          request_i.read_location};

  always_ff @(posedge clk_i) begin
    deadline_sum_q <= (TimeWidth + 1)'(now_i) + (TimeWidth + 1)'(command_i.lifetime);
    deadline_q     <= deadline_sum_q[TimeWidth-1:0] | {TimeWidth{deadline_sum_q[TimeWidth]}};
  end

  assign fresh_aux = '{
      source: command_i.source,
      armed: request_i.wake || command_i.armed,
      doi: command_i.doi,
      hop: command_i.hop,
      sent: '0,
      next: now_i
  };

  assign write_o = '{
      all_lanes: 1'b0,
      identity: write_i && (request_i.inserts || request_i.close),
      aux: write_i && (request_i.inserts || request_i.reply),
      phase: write_i && (request_i.inserts || request_i.reply || request_i.reject),
      false_nonces: write_i && request_i.inserts,
      place: place_i,
      entry: '{
          held: request_i.inserts,
          client: command_i.client,
          nonce: nonce_i,
          deadline: deadline_q,
          aux: request_i.tags ? command_i.tag : fresh_aux
      },
      state: '{
          phase: request_i.reply ? PhaseReplied : request_i.restore ? command_i.phase : PhaseOutstanding,
          resends_left: request_i.inserts ? resend_budget_i : resends_left_i,
          false_nonces: '0
      }
  };

endmodule
