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

  // Turns
  input  logic               start_i,       // a visit of the walk whose turn it is; only while not busy
  output place_t             walk_place_o,  // ... at this place
  input  logic               wake_i,        // S10, instead
  output logic               busy_o,        // from the next cycle on, until Idle
  output logic               ends_o,        // Idle follows

  // Store
  input  logic               free_i,
  input  place_t             place_i,       // of the visit under way
  output logic               read_o,        // v
  input  time_t              now_i,         // store time in v; from v+3 on
  input  entry_t             entry_i,       // from v+3 on
  input  phase_e             phase_i,       // from v+3 on
  input  flags_t [Lanes-1:0] flags_i,       // v+4

  output logic               scale_o,       // v+3: time to begin with the next Wake Up's
  input  logic               settled_i,     // ... and it is known
  output parts_t             parts_o,       // to be written there, in the first free cycle after this one
  output logic               wakes_o,       // ... for a Wake Up

  // Framer, event log
  output logic               wakeup_valid_o,
  input  logic               wakeup_ready_i,
  output wakeup_t            wakeup_o,
  output logic               event_valid_o,
  input  logic               event_ready_i,
  output event_t             event_o
);

  localparam int unsigned DueCycles = 6;  // from v to what is due

  // A bit of each state, none in Idle
  typedef struct packed {
    logic place;
    logic read;
    logic waits;
    logic due;
    logic write;
  } state_t;

  typedef enum logic {
    Sweep,
    WakeWalk
  } walk_e;

  state_t               state_q, state_d;
  logic [DueCycles-1:1] age_q;      // cycles since v
  // The walk whose turn it is, and where it and the other one go on
  walk_e                turn_q;
  location_t            next_q, other_next_q;
  // The visit under way
  walk_e                walk_q;
  logic                 of_walk_q;  // it moves its walk on: S12, not S10

  // What is due
  wake_state_t wake_state;
  logic        live, expire, wake, give_up, nothing, unused_wake_state;

  assign wake_state        = entry_i.aux;
  assign unused_wake_state = ^{wake_state.armed, wake_state.sent, wake_state.next, entry_i.deadline, place_i.row,
                               place_i.way.half};
  assign live              = flags_i[{place_i.way.bank, place_i.way.lane}].live;

  reveille_session_due u_due (
    .clk_i,
    .sweep_i     (walk_q == Sweep),
    .read_i      (scale_o),
    .held_i      (entry_i.held),
    .wake_state_i(entry_i.aux),
    .phase_i,
    .live_i      (live),
    .now_i,
    .wake_tries_i,
    .expire_o    (expire),
    .wake_o      (wake),
    .give_up_o   (give_up),
    .nothing_o   (nothing)
  );

  assign scale_o = age_q[3];
  assign wakes_o = wake;

  // S13 to S15
  logic tells, wakes, stays, writes;

  assign tells  = (expire || settled_i && give_up) && !event_valid_o;
  assign wakes  = settled_i && wake && !wakeup_valid_o;
  assign stays  = settled_i && wake && wakeup_valid_o;
  assign writes = state_q.write && free_i;  // w
  assign ends_o = state_q.due && (nothing || stays) || writes;

  assign state_d = '{
      place: start_i,
      read: state_q.place || wake_i || state_q.read && !free_i,
      waits: state_q.read && free_i || state_q.waits && !age_q[DueCycles-1],
      due: age_q[DueCycles-1] || state_q.due && !(nothing || stays || tells || wakes),
      write: state_q.due && (tells || wakes) || state_q.write && !free_i
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= '0;
      age_q        <= '0;
      turn_q       <= Sweep;
      next_q       <= '0;
      other_next_q <= '0;
      busy_o       <= 1'b0;
    end else begin
      state_q <= state_d;
      age_q   <= {age_q[DueCycles-2:1], read_o};
      busy_o  <= start_i || wake_i || busy_o && !ends_o;
      if (ends_o && of_walk_q) begin
        turn_q       <= turn_q == Sweep ? WakeWalk : Sweep;
        next_q       <= other_next_q;
        other_next_q <= next_q + location_t'(!(state_q.due && stays));
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!busy_o) begin
      walk_q    <= wake_i ? WakeWalk : turn_q;
      of_walk_q <= !wake_i;
    end
  end

  assign walk_place_o = next_q;
  assign read_o       = state_q.read && free_i;

  assign parts_o = '{
      identity: state_q.due && expire && !event_valid_o,
      aux: state_q.due && settled_i && (give_up && !event_valid_o || wake && !wakeup_valid_o),
      phase: 1'b0,
      false_nonces: 1'b0
  };

  // S16. Whether a register may change has a flip-flop of its own: many hang on it.
  logic event_valid_d, wakeup_valid_d, event_free_q, wakeup_free_q;

  assign event_valid_d  = writes && !wake || event_valid_o && !event_ready_i;
  assign wakeup_valid_d = writes && wake || wakeup_valid_o && !wakeup_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      event_valid_o  <= 1'b0;
      wakeup_valid_o <= 1'b0;
      event_free_q   <= 1'b1;
      wakeup_free_q  <= 1'b1;
    end else begin
      event_valid_o  <= event_valid_d;
      wakeup_valid_o <= wakeup_valid_d;
      event_free_q   <= !event_valid_d;
      wakeup_free_q  <= !wakeup_valid_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (event_free_q) begin
      event_o <= '{
          kind: expire ? EventExpired : EventWakeFailed,
          verdict: VerdictBypass,
          now: now_i,
          value: entry_i.nonce,
          client: entry_i.client
      };
    end
    if (wakeup_free_q) begin
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
