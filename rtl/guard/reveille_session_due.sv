// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What is due for the session that a visit has read: for the sweep its expiry, for the wake walk a Wake Up, or giving
// up (docs/architecture.md, "Visits"). docs/timing/guard.md: S13 to S15; v is the read cycle. The outcome is known in
// v+6 and holds until the next v+4.
module reveille_session_due
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic        clk_i,
  input  logic        sweep_i,       // the visit is the sweep's
  input  logic        read_i,        // v+3
  input  logic        held_i,        // from v+3 on, the entry's
  input  wake_state_t wake_state_i,  // from v+3 on
  input  phase_e      phase_i,       // from v+3 on
  input  logic        live_i,        // v+4
  input  time_t       now_i,         // from v+3 on: store time in v
  input  logic [3:0]  wake_tries_i,  // v+3
  // From v+6 on
  output logic        expire_o,
  output logic        wake_o,
  output logic        give_up_o,
  output logic        nothing_o
);

  logic unused_wake_state;

  assign unused_wake_state = ^{wake_state_i.source, wake_state_i.doi, wake_state_i.hop};

  // v+4
  logic  read_q, held_q, armed_q;
  time_t next_q;
  logic [3:0] sent_q, tries_q;
  // v+5
  logic  live_q, early_q, tries_left_q;
  logic  due, expired;
  logic [$bits(time_t):0] lead;  // of now over the next Wake Up; the top bit is its sign
  logic  unused_lead;

  assign expired = sweep_i && held_q && !live_q;
  assign due     = !sweep_i && armed_q && live_q && !early_q;

  assign lead        = ($bits(time_t) + 1)'(now_i) - ($bits(time_t) + 1)'(next_q);
  assign unused_lead = ^lead[$bits(time_t)-1:0];

  always_ff @(posedge clk_i) begin
    read_q <= read_i;
    next_q <= wake_state_i.next;
    if (read_i) begin
      held_q  <= held_i;
      armed_q <= phase_i == PhaseOutstanding && wake_state_i.armed;
      sent_q  <= wake_state_i.sent;
      tries_q <= wake_tries_i;
    end
    if (read_q) live_q <= live_i;
    early_q      <= lead[$bits(time_t)];
    tries_left_q <= sent_q < tries_q;
    expire_o  <= expired;
    wake_o    <= due && tries_left_q;
    give_up_o <= due && !tries_left_q;
    nothing_o <= !expired && !due;
  end

endmodule
