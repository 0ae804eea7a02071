// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store, guard and session control as one: everything that knows of sessions (docs/architecture.md, "The way of a
// frame"). docs/timing/guard.md holds for every port; this file only connects.
`include "reveille_assert.svh"

module reveille_session_guard
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
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
  input  logic                    lookup_soon_i,  // T+7 of a frame with a look-up
  input  row_t                    lookup_row0_i,  // T+7
  input  row_t                    lookup_row1_i,
  input  address_t                lookup_client_i,  // T+8
  input  tag_t                    lookup_value_i,
  input  descriptor_t             descriptor_i,
  input  logic                    frame_lost_i,
  input  logic                    refused_i,
  output verdict_t                verdict_o,
  output logic                    yields_o,

  // client_hash, for commands
  output hash_write_t             hash_write_o,
  output logic                    hash_start_o,   // x
  output address_t                hash_client_o,  // from x on
  output logic                    hash_ipv4_o,
  input  row_t                    hash_row0_i,    // from x+6 on
  input  row_t                    hash_row1_i,

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

  logic               cleared, free, free_next;
  read_t              read;
  write_t             write;
  address_t           client;
  time_t              now, entry_now;
  entry_t             entry;
  session_state_t     state;
  flags_t [Lanes-1:0] flags;
  rows_t              rows;
  state_write_t       state_write;

  // T13: with four read cycles the flags come two cycles later, and the descriptor waits for them.
  localparam int unsigned Wait = LookupCycles - 2;

  descriptor_t        descriptor;
  nonce_t             nonce;        // an AP Request's, a cycle before its descriptor

  if (Wait == 0) begin : gen_no_wait
    assign descriptor = descriptor_i;
    assign nonce      = lookup_value_i[31:0];
  end else begin : gen_wait
    descriptor_t [Wait-1:0] descriptor_q;
    nonce_t      [Wait-1:0] nonce_q;

    // Reset, for what they hold at power-up would outlast a short reset (T12).
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        descriptor_q <= '0;
        nonce_q      <= '0;
      end else begin
        descriptor_q <= {descriptor_q[Wait-2:0], descriptor_i};
        nonce_q      <= {nonce_q[Wait-2:0], lookup_value_i[31:0]};
      end
    end

    assign descriptor = descriptor_q[Wait-1];
    assign nonce = nonce_q[Wait-1];
  end

  reveille_nonce_store u_store (
    .clk_i,
    .rst_ni,
    .store_time_i,
    .lookup_soon_i,
    .lookup_row0_i,
    .lookup_row1_i,
    .lookup_client_i,
    .guess_threshold_i(policy_i.guess_threshold),
    .lookup_value_i,
    .state_write_i(state_write),
    .rows_o       (rows),
    .now_o        (now),
    .cleared_i    (cleared),
    .free_o       (free),
    .free_next_o  (free_next),
    .read_i       (read),
    .client_i     (client),
    .write_i      (write),
    .entry_o      (entry),
    .state_o      (state),
    .entry_now_o  (entry_now),
    .flags_o      (flags)
  );

  reveille_guard u_guard (
    .clk_i,
    .rst_ni,
    .client_initiated_i(policy_i.client_initiated),
    .interval_i        (policy_i.interval),
    .tolerance_i       (policy_i.tolerance),
    .nonce_i           (nonce),
    .now_i             (now),
    .descriptor_i      (descriptor),
    .flags_i           (flags),
    .frame_lost_i,
    .refused_i,
    .verdict_o,
    .yields_o,
    .state_write_o     (state_write)
  );

  reveille_session_control u_control (
    .clk_i,
    .rst_ni,
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
    .hash_write_o,
    .hash_start_o,
    .hash_client_o,
    .hash_ipv4_o,
    .hash_rows_i    ({hash_row1_i, hash_row0_i}),
    .free_i         (free),
    .free_next_i    (free_next),
    .cleared_o      (cleared),
    .read_o         (read),
    .client_o       (client),
    .write_o        (write),
    .entry_i        (entry),
    .state_i        (state),
    .now_i          (entry_now),
    .flags_i        (flags),
    .wakeup_valid_o,
    .wakeup_ready_i,
    .wakeup_o,
    .event_valid_o,
    .event_ready_i,
    .event_o
  );

  // V4: the verdicts from VerdictFalseNonce on are those that found a live session, in the lane that hits in one of the
  // cycles before. Where a bank is one memory, both its lanes show what is read of either: the first in the earlier one
  // of two cycles.
  localparam int unsigned LookupAge = VerdictCycles - 8;

  logic             found;
  store_address_t   found_address;
  logic [Lanes-1:0] hits, inserts, found_lanes;
  logic [Lanes-1:0] hits_q[1:LookupCycles];  // by their age
  logic [Lanes-1:0] inserts_q[1:LookupAge];
  store_address_t   inserted_q[1:LookupAge];

  always_comb begin
    found_lanes = '0;
    for (int unsigned age = 1; age <= LookupCycles; age++) begin
      for (int unsigned lane = 0; lane < Lanes; lane++) begin
        found_lanes[lane] |= hits_q[age][lane] && (MemoryLanes == 1 || age[0] == lane[0]);
      end
    end
  end

  assign found         = verdict_o.valid && verdict_o.code >= VerdictFalseNonce;
  assign found_address = store_address(rows[|found_lanes[Lanes-1:2]], state_write.half,
                                       found_lanes[1] || found_lanes[3]);

  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_lane
    assign hits[lane]    = flags[lane].hit;
    assign inserts[lane] = write.parts[lane].identity && write.entry.held;
  end

  always_ff @(posedge clk_i) begin
    hits_q[1] <= hits;
    for (int unsigned age = 2; age <= LookupCycles; age++) hits_q[age] <= hits_q[age-1];
    inserts_q[1]  <= inserts;
    inserted_q[1] <= write.address;
    for (int unsigned age = 2; age <= LookupAge; age++) begin
      inserts_q[age]  <= inserts_q[age-1];
      inserted_q[age] <= inserted_q[age-1];
    end
  end

  for (genvar age = 1; age <= int'(LookupAge); age++) begin : gen_insert_age
    `REVEILLE_ASSERT(NothingInsertedWhereAFrameFoundASession,
                     !(found && (inserts_q[age] & found_lanes) != '0 && inserted_q[age] == found_address))
  end

endmodule
