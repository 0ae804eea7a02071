// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The visits of the two walks over all locations, the sweep and the wake walk, and what they hand over: an event, a
// Wake Up, each in a register of its own until it is taken (docs/architecture.md, "Visits"). docs/timing/guard.md: S10,
// S12 to S16; v is a visit's read cycle, w the one in which it writes.
module reveille_session_visits
  import reveille_pkg::*;
  import reveille_verdict_pkg::VerdictBypass;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic [3:0]         wake_tries_i,
  input  logic [31:0]        wake_interval_i,  // microseconds

  // Turns
  input  logic               start_i,       // a visit of the walk whose turn it is; only while not busy
  input  logic               wake_i,        // S10, instead
  input  place_t             wake_place_i,
  output logic               busy_o,        // from the next cycle on, until Idle

  // Store
  input  logic               free_i,
  output logic               reading_o,     // v is the first free cycle of these
  output read_t              read_o,
  input  time_t              now_i,         // store time in v; from v+1 on
  input  entry_t             entry_i,       // from v+3 on
  input  phase_e             phase_i,       // from v+3 on
  input  flags_t [Lanes-1:0] flags_i,       // v+4
  output place_t             place_o,       // in this cycle:
  output logic               empties_o,     // the entry there is emptied
  output logic               writes_aux_o,  // this is written there
  output wake_state_t        aux_o,

  // Framer, event log
  output logic               wakeup_valid_o,
  input  logic               wakeup_ready_i,
  output wakeup_t            wakeup_o,
  output logic               event_valid_o,
  input  logic               event_ready_i,
  output event_t             event_o
);

  typedef enum logic [1:0] {
    StIdle,
    StRead,
    StWait,
    StDue
  } state_e;

  typedef enum logic {
    Sweep,
    WakeWalk
  } walk_e;

  state_e          state_q, state_d;
  logic [4:1]      age_q;      // cycles since v
  walk_e           turn_q;     // whose the next visit of S12 is
  location_t [1:0] next_q;     // by walk_e: the location that it visits next
  // The visit under way
  walk_e           walk_q;
  logic            of_walk_q;  // it moves its walk on: S12, not S10
  place_t          place_q;

  // What is due
  logic live, expire, wake, give_up;

  assign live = flags_i[{place_q.way.bank, place_q.way.lane}].live;

  reveille_session_due u_due (
    .clk_i,
    .sweep_i  (walk_q == Sweep),
    .entry_i,
    .phase_i,
    .live_i   (live),
    .now_i,
    .wake_tries_i,
    .wake_interval_i,
    .read_i   (age_q[3]),
    .expire_o (expire),
    .wake_o   (wake),
    .give_up_o(give_up),
    .aux_o
  );

  // S13 to S15, from v+5 on
  logic event_begins, wakeup_begins, stays, ends;

  assign event_begins  = state_q == StDue && (expire || give_up) && free_i && !event_valid_o;
  assign wakeup_begins = state_q == StDue && wake && free_i && !wakeup_valid_o;
  assign stays         = wake && wakeup_valid_o;
  assign ends          = state_q == StDue && (event_begins || wake && free_i || !(expire || give_up || wake));

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:  if (start_i || wake_i) state_d = StRead;
      StRead:  if (free_i) state_d = StWait;
      StWait:  if (age_q[4]) state_d = StDue;
      StDue:   if (ends) state_d = StIdle;
      default: ;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      age_q   <= '0;
      turn_q  <= Sweep;
      next_q  <= '0;
    end else begin
      state_q <= state_d;
      age_q   <= {age_q[3:1], read_o.valid};
      if (start_i) turn_q <= turn_q == Sweep ? WakeWalk : Sweep;
      if (ends && of_walk_q && !stays) next_q[walk_q] <= next_q[walk_q] + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) begin
      walk_q    <= wake_i ? WakeWalk : turn_q;
      of_walk_q <= !wake_i;
      place_q   <= wake_i ? wake_place_i : next_q[turn_q];
    end
  end

  assign busy_o = state_q != StIdle;

  // Reads and writes
  place_t next_place;

  assign next_place          = state_q == StIdle ? next_q[turn_q] : place_q;
  assign reading_o           = state_q == StRead;
  assign read_o.valid        = state_q == StRead && free_i;
  assign read_o.lane         = {place_q.way.bank, place_q.way.lane};
  assign read_o.next_address = {Banks{next_place.row, next_place.way.half}};

  assign place_o      = place_q;
  assign empties_o    = event_begins && expire;
  assign writes_aux_o = event_begins && give_up || wakeup_begins;

  // S16
  wake_state_t wake_state;
  logic        unused_wake_state;

  assign wake_state        = entry_i.aux;
  assign unused_wake_state = ^{wake_state.armed, wake_state.sent, wake_state.next};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      event_valid_o  <= 1'b0;
      wakeup_valid_o <= 1'b0;
    end else begin
      event_valid_o  <= event_begins || event_valid_o && !event_ready_i;
      wakeup_valid_o <= wakeup_begins || wakeup_valid_o && !wakeup_ready_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!event_valid_o) begin
      event_o <= '{
          kind: expire ? EventExpired : EventWakeFailed,
          verdict: VerdictBypass,
          now: now_i,
          value: entry_i.nonce,
          client: entry_i.client
      };
    end
    if (!wakeup_valid_o) begin
      wakeup_o <= '{
          client: entry_i.client,
          nonce: entry_i.nonce,
          hop: wake_state.hop,
          doi: wake_state.doi,
          source: wake_state.source
      };
    end
  end

endmodule
