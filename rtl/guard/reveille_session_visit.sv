// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What is due for a session that is visited: expiry, a Wake Up, or giving up (docs/architecture.md, "Visit").
// docs/timing/guard.md: S13, S14; v is the read cycle, the outcome is known in v+5 and holds until the next v+5.
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

  input  logic           decide_i,         // v+3
  // From v+5 on, until the next v+5
  output logic           due_o,            // one of:
  output logic           expire_o,         // empty the entry, event
  output logic           wake_o,           // write aux, hand over the Wake Up
  output logic           give_up_o,        // write aux, event
  output wake_state_t    aux_o,            // from v+6 on
  output wakeup_t        wakeup_o,
  output event_t         event_o
);

  localparam int unsigned HalfTime = $bits(time_t) / 2;

  wake_state_t wake_state;
  logic        unused_entry;

  assign wake_state = entry_i.aux;
  assign unused_entry = ^{entry_i.held, entry_i.deadline};

  // v+4. The comparison with `next` is by halves; interval << sent in two steps of two bits.
  logic        expired_q, armed_q, tries_left_q;
  logic        high_less_q, low_less_q;
  logic [1:0]  high_equal_q;  // by halves again
  logic [34:0] back_off_q;
  logic [1:0]  scale_q;
  logic        decided_q, early;

  always_ff @(posedge clk_i) begin
    decided_q <= decide_i;
    if (decide_i) begin
      expired_q    <= held_i && !in_time_i;
      armed_q      <= held_i && in_time_i && phase_i == PhaseOutstanding && wake_state.armed;
      tries_left_q <= wake_state.sent < wake_tries_i;
      high_less_q  <= now_i[HalfTime+:HalfTime] < wake_state.next[HalfTime+:HalfTime];
      for (int unsigned i = 0; i < 2; i++) begin
        high_equal_q[i] <= now_i[HalfTime+HalfTime/2*i+:HalfTime/2] == wake_state.next[HalfTime+HalfTime/2*i+:HalfTime/2];
      end
      low_less_q   <= now_i[0+:HalfTime] < wake_state.next[0+:HalfTime];
      back_off_q   <= 35'(wake_interval_i) << wake_state.sent[1:0];
      scale_q      <= wake_state.sent[3:2];
    end
  end

  assign early = high_less_q || &high_equal_q && low_less_q;

  // v+5
  time_t wait_q;

  always_ff @(posedge clk_i) begin
    if (decided_q) begin
      expire_o  <= expired_q;
      wake_o    <= armed_q && !early && tries_left_q;
      give_up_o <= armed_q && !early && !tries_left_q;
      due_o     <= armed_q && !early || expired_q;
      wait_q    <= time_t'(back_off_q) << {scale_q, 2'd0};
    end
  end

  // v+6
  always_ff @(posedge clk_i) begin
    aux_o <= wake_state;
    if (wake_o) begin
      aux_o.sent <= wake_state.sent + 1'b1;
      aux_o.next <= now_i + wait_q;
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
