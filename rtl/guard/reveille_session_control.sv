// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Everything about sessions that is not a frame: first the start-up, then commands and visits, one at a time
// (docs/architecture.md, "Commands", "Visits"). Here it is decided whose turn it is, and here their ways to the store
// meet. docs/timing/guard.md: S1 to S16, in the blocks; Idle is a cycle in which nothing is under way.
module reveille_session_control
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  // Registers
  input  logic               ipv4_enable_i,
  input  logic               ipv6_enable_i,
  input  logic [3:0]         resend_budget_i,
  input  logic [3:0]         wake_tries_i,
  input  logic [31:0]        wake_interval_i,  // microseconds
  input  logic               command_valid_i,  // until done
  input  command_t           command_i,
  output logic               command_done_o,
  output command_result_t    result_o,
  output logic               ready_o,

  // Nonce generator
  input  logic               nonce_seeded_i,
  input  logic               nonce_valid_i,
  output logic               nonce_ready_o,
  input  nonce_t             nonce_i,

  // client_hash
  output hash_write_t        hash_write_o,
  output logic               hash_start_o,     // x
  output address_t           hash_client_o,    // from x on
  output logic               hash_ipv4_o,
  input  rows_t              hash_rows_i,      // from y = x+6 on

  // Store; s is a read cycle
  input  logic               free_i,
  input  logic               free_next_i,
  output logic               cleared_o,
  output read_t              read_o,           // s
  output address_t           client_o,         // s+1
  output write_t             write_o,
  input  entry_t             entry_i,          // from s+3 on
  input  session_state_t     state_i,          // from s+3 on
  input  time_t              now_i,            // from s+3 on: the store time in s
  input  flags_t [Lanes-1:0] flags_i,          // s+4

  // Framer, event log
  output logic               wakeup_valid_o,
  input  logic               wakeup_ready_i,
  output wakeup_t            wakeup_o,
  output logic               event_valid_o,
  input  logic               event_ready_i,
  output event_t             event_o
);

  // Whose turn it is
  logic idle_q, eligible, command_starts, visit_starts, command_ends, woken, visit_busy, visit_ends, ready_next;

  // Idle never lasts: something begins in each of its cycles.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) idle_q <= 1'b0;
    else         idle_q <= ready_next || command_ends && !woken || visit_ends;
  end

  assign command_starts = idle_q && eligible;   // S4
  assign visit_starts   = idle_q && !eligible;  // S12

  // S1, S2
  logic fills_next, takes_next;

  reveille_session_startup u_startup (
    .clk_i,
    .rst_ni,
    .cleared_o,
    .fills_next_o   (fills_next),
    .nonce_taken_i  (nonce_ready_o && nonce_valid_i),
    .nonce_i,
    .hash_write_o,
    .ready_next_o   (ready_next),
    .ready_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) nonce_ready_o <= 1'b0;
    else         nonce_ready_o <= fills_next || takes_next;
  end

  // The session at hand: where the visit is, or the command's location, or where its client's entry is
  place_t place_q, walk_place, found_place;
  logic   decided;

  always_ff @(posedge clk_i) begin
    if (decided)   place_q <= found_place;
    else if (idle_q) place_q <= eligible ? command_i.location : walk_place;
  end

  // S3 to S9, S11
  logic     finds, half, lane, command_read;
  parts_t   command_parts;
  request_t request;
  nonce_t   nonce;

  reveille_session_commands u_commands (
    .clk_i,
    .rst_ni,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .command_valid_i,
    .command_i,
    .command_done_o,
    .result_o,
    .ready_i      (ready_o),
    .eligible_o   (eligible),
    .start_i      (command_starts),
    .visit_i      (visit_starts || woken),
    .ends_o       (command_ends),
    .woken_o      (woken),
    .nonce_seeded_i,
    .nonce_valid_i,
    .takes_next_o (takes_next),
    .nonce_i,
    .hash_start_o,
    .hash_ipv4_o,
    .rows_i       (hash_rows_i),
    .free_i,
    .finds_o      (finds),
    .half_o       (half),
    .lane_o       (lane),
    .read_o       (command_read),
    .decided_o    (decided),
    .found_place_o(found_place),
    .place_i      (place_q),
    .flags_i,
    .entry_i,
    .state_i,
    .parts_o      (command_parts),
    .request_o    (request),
    .nonce_o      (nonce)
  );

  // S10, S12 to S16
  logic        visit_read, visit_scales, settled, wakes;
  parts_t      visit_parts;
  wake_state_t wake_state;

  reveille_session_visits u_visits (
    .clk_i,
    .rst_ni,
    .wake_tries_i,
    .start_i     (visit_starts),
    .walk_place_o(walk_place),
    .wake_i      (woken),
    .busy_o      (visit_busy),
    .ends_o      (visit_ends),
    .free_i,
    .place_i     (place_q),
    .read_o      (visit_read),
    .now_i,
    .entry_i,
    .phase_i     (state_i.phase),
    .flags_i,
    .scale_o     (visit_scales),
    .settled_i   (settled),
    .parts_o     (visit_parts),
    .wakes_o     (wakes),
    .wakeup_valid_o,
    .wakeup_ready_i,
    .wakeup_o,
    .event_valid_o,
    .event_ready_i,
    .event_o
  );

  // What is written
  time_t later;

  assign wake_state = entry_i.aux;

  reveille_session_later u_later (
    .clk_i,
    .load_i     (hash_start_o || visit_scales),
    .wait_i     (visit_scales ? time_t'(wake_interval_i) : command_i.lifetime),
    .doublings_i(visit_scales ? wake_state.sent : '0),
    .now_i,
    .settled_o  (settled),
    .later_o    (later)
  );

  reveille_session_write u_write (
    .clk_i,
    .rst_ni,
    .free_next_i,
    .cleared_i      (cleared_o),
    .command_parts_i(command_parts),
    .visit_parts_i  (visit_parts),
    .place_i        (place_q),
    .request_i      (request),
    .command_i,
    .nonce_i        (nonce),
    .resend_budget_i,
    .visit_i        (visit_busy),
    .wake_state_i   (wake_state),
    .wake_i         (wakes),
    .later_i        (later),
    .write_o
  );

  // To client_hash and the store
  assign hash_client_o = command_i.client;
  assign client_o      = command_i.client;

  assign read_o.valid = command_read || visit_read;
  assign read_o.lane  = {place_q.way.bank, place_q.way.lane};

  always_comb begin
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      read_o.next_address[bank] = finds ? store_address(hash_rows_i[bank], half, lane)
                                        : store_address(place_q.row, place_q.way.half, place_q.way.lane);
    end
  end

endmodule
