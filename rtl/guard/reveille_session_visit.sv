// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What is due for a session that is visited: expiry, a Wake Up, or giving up (docs/architecture.md, "Visit").
// docs/timing/guard.md: S13, S14; v is the read cycle, the outcome is known in v+4 and holds until the next v+4.
module reveille_session_visit
  import reveille_pkg::*;
  import reveille_verdict_pkg::VerdictBypass;
  import reveille_guard_pkg::*;
(
  input  logic           clk_i,
  input  entry_t         entry_i,          // from v+3 on
  input  phase_e         phase_i,          // from v+3 on
  input  logic           held_i,           // v+3: not empty
  input  logic           in_time_i,        // v+3: before its deadline
  input  time_t          now_i,            // store time in v
  input  logic [3:0]     wake_tries_i,     // v+3
  input  logic [31:0]    wake_interval_i,  // v+3; microseconds

  // From v+4 on, until the next decision
  input  logic           decide_i,         // v+3
  output logic           due_o,            // one of:
  output logic           expire_o,         // empty the entry, event
  output logic           wake_o,           // write aux, hand over the Wake Up
  output logic           give_up_o,        // write aux, event
  output wake_state_t    aux_o,            // from v+5 on
  output wakeup_t        wakeup_o,
  output event_t         event_o
);

  wake_state_t wake_state;
  logic        unused_entry;

  assign wake_state = entry_i.aux;
  assign unused_entry = ^{entry_i.spare, entry_i.deadline};
  // interval << sent, in two steps of two bits.
  logic [34:0] back_off_q;
  logic [1:0]  scale_q;
  // The comparison with `next` is the longest, and meets the others behind the registers.
  logic        early_q, armed_q, tries_left_q;

  always_ff @(posedge clk_i) begin
    if (decide_i) begin
      expire_o     <= held_i && !in_time_i;
      early_q      <= now_i < wake_state.next;
      armed_q      <= held_i && in_time_i && phase_i == PhaseOutstanding && wake_state.armed;
      tries_left_q <= wake_state.sent < wake_tries_i;
      back_off_q   <= 35'(wake_interval_i) << wake_state.sent[1:0];
      scale_q      <= wake_state.sent[3:2];
    end
  end

  assign wake_o    = armed_q && !early_q && tries_left_q;
  assign give_up_o = armed_q && !early_q && !tries_left_q;
  assign due_o     = armed_q && !early_q || expire_o;

  always_ff @(posedge clk_i) begin
    aux_o <= wake_state;
    if (wake_o) begin
      aux_o.sent <= wake_state.sent + 1'b1;
      aux_o.next <= now_i + (time_t'(back_off_q) << {scale_q, 2'd0});
    end else begin
      aux_o.armed <= 1'b0;
    end
  end

  assign wakeup_o = '{client: entry_i.client, nonce: entry_i.nonce, hop: wake_state.hop, doi: wake_state.doi};
  assign event_o = '{
      kind: expire_o ? EventExpired : EventWakeFailed,
      verdict: VerdictBypass,
      now: now_i,
      value: entry_i.nonce,
      client: entry_i.client
  };

endmodule
