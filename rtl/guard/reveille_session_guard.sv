// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store, guard and session control as one: everything that knows of sessions (docs/architecture.md, "The way of a frame").
// docs/timing/guard.md holds for every port; this file only connects.
module reveille_session_guard
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  time_t                   store_time_i,

  // Registers
  input  policy_config_t          policy_i,
  input  logic                    ipv4_enable_i,
  input  logic                    ipv6_enable_i,
  input  logic [3:0]              wake_tries_i,
  input  logic [31:0]             wake_interval_i,
  input  logic                    command_valid_i,
  input  command_t                command_i,
  output logic                    command_done_o,
  output command_result_t         result_o,
  output logic                    ready_o,

  // Frames
  input  logic                    lookup_soon_i,  // T+1 of a frame with a look-up
  input  row_t                    next_row0_i,    // T+1
  input  row_t                    next_row1_i,
  input  lookup_t                 lookup_i,
  input  tag_t                    lookup_value_i,
  input  descriptor_t             descriptor_i,
  input  logic                    frame_lost_i,
  output verdict_t                verdict_o,
  output logic [HashKeyWidth-1:0] hash_key_o,

  // Nonce generator
  input  logic                    nonce_seeded_i,
  input  logic                    nonce_valid_i,
  output logic                    nonce_ready_o,
  input  nonce_t                  nonce_i,

  // Framer, event log
  output logic                    wakeup_valid_o,
  input  logic                    wakeup_ready_i,
  output wakeup_t                 wakeup_o,
  output logic                    event_valid_o,
  input  logic                    event_ready_i,
  output event_t                  event_o
);

  logic               cleared, free, insert, held, in_time;
  read_t              read;
  write_t             write;
  address_t           client;
  time_t              now, frame_now;
  entry_t             entry;
  session_state_t     state;
  flags_t [Lanes-1:0] flags;
  rows_t              rows;
  state_write_t       state_write;

  reveille_nonce_store u_store (
    .clk_i,
    .rst_ni,
    .lookup_soon_i,
    .next_row0_i,
    .next_row1_i,
    .lookup_i,
    .lookup_value_i,
    .state_write_i(state_write),
    .rows_o       (rows),
    .frame_now_o  (frame_now),
    .cleared_i    (cleared),
    .free_o       (free),
    .read_i       (read),
    .client_i     (client),
    .now_i        (now),
    .write_i      (write),
    .entry_o      (entry),
    .state_o      (state),
    .held_o       (held),
    .in_time_o    (in_time),
    .flags_o      (flags)
  );

  reveille_guard u_guard (
    .clk_i,
    .rst_ni,
    .client_initiated_i(policy_i.client_initiated),
    .interval_i        (policy_i.interval),
    .tolerance_i       (policy_i.tolerance),
    .now_i             (frame_now),
    .descriptor_i,
    .flags_i           (flags),
    .rows_i            (rows),
    .frame_lost_i,
    .insert_i          (insert),
    .insert_place_i    (write.place),
    .verdict_o,
    .state_write_o     (state_write)
  );

  reveille_session_control u_control (
    .clk_i,
    .rst_ni,
    .store_time_i,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .resend_budget_i(policy_i.resend_budget),
    .wake_tries_i,
    .wake_interval_i,
    .command_valid_i,
    .command_i,
    .command_done_o,
    .result_o,
    .ready_o,
    .nonce_seeded_i,
    .nonce_valid_i,
    .nonce_ready_o,
    .nonce_i,
    .hash_key_o,
    .free_i         (free),
    .cleared_o      (cleared),
    .read_o         (read),
    .client_o       (client),
    .now_o          (now),
    .write_o        (write),
    .insert_o       (insert),
    .entry_i        (entry),
    .state_i        (state),
    .held_i         (held),
    .in_time_i      (in_time),
    .flags_i        (flags),
    .wakeup_valid_o,
    .wakeup_ready_i,
    .wakeup_o,
    .event_valid_o,
    .event_ready_i,
    .event_o
  );

endmodule
