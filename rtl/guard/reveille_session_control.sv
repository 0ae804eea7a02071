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
  input  time_t              store_time_i,

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
  output logic               cleared_o,
  output read_t              read_o,           // s
  output address_t           client_o,         // s+1
  output time_t              now_o,            // s+1
  output write_t             write_o,
  input  entry_t             entry_i,          // from s+3 on
  input  session_state_t     state_i,          // from s+3 on
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
  logic idle, eligible, command_starts, visit_starts, command_busy, visit_busy, woken;

  assign idle           = ready_o && !command_busy && !visit_busy;
  assign command_starts = idle && eligible;   // S4
  assign visit_starts   = idle && !eligible;  // S12

  // S1, S2
  store_address_t clear_address;
  logic           fill_ready, command_nonce_ready;

  reveille_session_startup u_startup (
    .clk_i,
    .rst_ni,
    .cleared_o,
    .clear_address_o(clear_address),
    .nonce_valid_i,
    .nonce_ready_o  (fill_ready),
    .nonce_i,
    .hash_write_o,
    .ready_o
  );

  assign nonce_ready_o = fill_ready || command_nonce_ready;

  // S3 to S9, S11
  logic   finding;
  read_t  command_read;
  write_t command_write;
  time_t  now_q;  // the store time in a or v

  reveille_session_commands u_commands (
    .clk_i,
    .rst_ni,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .resend_budget_i,
    .command_valid_i,
    .command_i,
    .command_done_o,
    .result_o,
    .ready_i       (ready_o),
    .eligible_o    (eligible),
    .start_i       (command_starts),
    .visit_i       (visit_starts || woken),
    .busy_o        (command_busy),
    .woken_o       (woken),
    .nonce_seeded_i,
    .nonce_valid_i,
    .nonce_ready_o (command_nonce_ready),
    .nonce_i,
    .hash_start_o,
    .hash_ipv4_o,
    .rows_i        (hash_rows_i),
    .free_i,
    .finding_o     (finding),
    .read_o        (command_read),
    .now_i         (now_q),
    .flags_i,
    .entry_i,
    .state_i,
    .write_o       (command_write)
  );

  // S10, S12 to S16
  logic        visit_reading, visit_empties, visit_writes_aux;
  read_t       visit_read;
  place_t      visit_place;
  wake_state_t visit_aux;

  reveille_session_visits u_visits (
    .clk_i,
    .rst_ni,
    .wake_tries_i,
    .wake_interval_i,
    .start_i     (visit_starts),
    .wake_i      (woken),
    .wake_place_i(command_write.place),
    .busy_o      (visit_busy),
    .free_i,
    .reading_o   (visit_reading),
    .read_o      (visit_read),
    .now_i       (now_q),
    .entry_i,
    .phase_i     (state_i.phase),
    .flags_i,
    .place_o     (visit_place),
    .empties_o   (visit_empties),
    .writes_aux_o(visit_writes_aux),
    .aux_o       (visit_aux),
    .wakeup_valid_o,
    .wakeup_ready_i,
    .wakeup_o,
    .event_valid_o,
    .event_ready_i,
    .event_o
  );

  always_ff @(posedge clk_i) begin
    if (finding || visit_reading) now_q <= store_time_i;
  end

  // To client_hash and the store
  assign hash_client_o = command_i.client;
  assign client_o      = command_i.client;
  assign now_o         = now_q;
  assign read_o        = command_busy ? command_read : visit_read;

  always_comb begin
    write_o = command_write;
    if (!cleared_o) begin
      write_o.all_lanes  = 1'b1;
      write_o.identity   = 1'b1;
      write_o.entry.held = 1'b0;
      write_o.place.row  = clear_address[StoreAddressWidth-1:1];
      write_o.place.way  = '{bank: 1'b0, half: clear_address[0], lane: 1'b0};
    end else if (visit_busy) begin
      write_o.identity   = visit_empties;
      write_o.entry.held = 1'b0;
      write_o.aux        = visit_writes_aux;
      write_o.entry.aux  = visit_aux;
      write_o.place      = visit_place;
    end
  end

endmodule
