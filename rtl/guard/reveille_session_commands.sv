// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The host's commands, from their arguments to their results (docs/architecture.md, "Commands").
// docs/timing/guard.md: S3 to S9, S11; c is the Idle cycle in which a command is eligible and has its turn. The states
// are the steps: Look in c+1, Hash until its rows are there, First and Second in a and b, Decide until g, Write in w or
// Read in v.
module reveille_session_commands
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  // Registers
  input  logic               ipv4_enable_i,
  input  logic               ipv6_enable_i,
  input  logic [3:0]         resend_budget_i,
  input  logic               command_valid_i,  // until done
  input  command_t           command_i,
  output logic               command_done_o,
  output command_result_t    result_o,

  // Turns
  input  logic               ready_i,
  output logic               eligible_o,
  input  logic               start_i,          // c
  input  logic               visit_i,          // a visit begins
  output logic               busy_o,           // from c+1 on, until Idle
  output logic               woken_o,          // w of a wake: its visit follows (S10)

  // Nonce generator, client_hash
  input  logic               nonce_seeded_i,
  input  logic               nonce_valid_i,
  output logic               nonce_ready_o,
  input  nonce_t             nonce_i,
  output logic               hash_start_o,
  output logic               hash_ipv4_o,
  input  rows_t              rows_i,

  // Store
  input  logic               free_i,
  output logic               finding_o,        // a is the first free cycle of these
  output read_t              read_o,
  input  time_t              now_i,            // store time in a; from a+1 on
  input  flags_t [Lanes-1:0] flags_i,
  input  entry_t             entry_i,
  input  session_state_t     state_i,
  output write_t             write_o
);

  localparam int unsigned HashCycles = 6;      // of client_hash
  localparam int unsigned ShowCycles = 4;      // from v to what is read

  typedef enum logic [3:0] {
    StIdle,
    StLook,
    StHash,
    StFirst,
    StSecond,
    StDecide,
    StWrite,
    StRead,
    StShow
  } state_e;

  state_e                state_q, state_d;
  logic [HashCycles:1]   age_q;    // cycles since the hash was started, or since v
  place_t                place_q;  // of the session at hand
  nonce_t                nonce_q;
  logic                  pending, looks, reads;

  assign pending = command_valid_i && !command_done_o;
  assign looks   = state_q == StLook;
  assign reads   = state_q == StRead && free_i;

  // S4, S5
  request_t request;
  logic     not_seeded, bad_argument, refused, no_nonce;

  reveille_session_request u_request (
    .clk_i,
    .rst_ni,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .nonce_seeded_i,
    .nonce_valid_i,
    .pending_i     (pending),
    .command_i,
    .start_i,
    .visit_i,
    .eligible_o,
    .request_o     (request),
    .ipv4_o        (hash_ipv4_o),
    .not_seeded_o  (not_seeded),
    .bad_argument_o(bad_argument)
  );

  assign refused       = looks && (not_seeded || bad_argument);
  assign nonce_ready_o = looks && request.wake && !(not_seeded || bad_argument);
  assign no_nonce      = nonce_ready_o && !nonce_valid_i;

  // S6: begun before the command is known to be good
  assign hash_start_o = looks;

  // S7, S8
  logic           decided, found, room, denied;
  place_t         found_place;
  store_address_t found_address;
  phase_e         found_phase;
  logic [3:0]     found_resends_left, resends_left_q;
  result_e        decision;

  reveille_session_find u_find (
    .clk_i,
    .rst_ni,
    .first_i       (state_q == StFirst && free_i),
    .second_i      (state_q == StSecond && free_i),
    .flags_i,
    .rows_i,
    .decided_o     (decided),
    .found_o       (found),
    .room_o        (room),
    .place_o       (found_place),
    .address_o     (found_address),
    .phase_o       (found_phase),
    .resends_left_o(found_resends_left)
  );

  always_comb begin
    decision = ResultOk;
    if (request.inserts) begin
      if (found) decision = ResultLive;
      else if (!room) decision = ResultFull;
    end else if (!found) begin
      decision = ResultNotFound;
    end else if ((request.reply || request.reject) && found_phase != PhaseInService) begin
      decision = ResultWrongState;
    end
  end

  assign denied = decided && decision != ResultOk;

  // The steps
  logic writes;

  assign writes = state_q == StWrite && free_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:   if (start_i) state_d = StLook;
      StLook:   state_d = refused || no_nonce ? StIdle : request.read_location ? StRead : StHash;
      StHash:   if (age_q[HashCycles]) state_d = StFirst;
      StFirst:  if (free_i) state_d = StSecond;
      StSecond: if (free_i) state_d = StDecide;
      StDecide: if (decided) state_d = denied ? StIdle : request.read ? StRead : StWrite;
      StWrite:  if (free_i) state_d = StIdle;
      StRead:   if (free_i) state_d = StShow;
      StShow:   if (age_q[ShowCycles]) state_d = StIdle;
      default:  state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      age_q   <= '0;
    end else begin
      state_q <= state_d;
      age_q   <= {age_q[HashCycles-1:1], looks && state_d == StHash || reads};
    end
  end

  assign busy_o  = state_q != StIdle;
  assign woken_o = writes && request.wake;

  // Ways to be done
  logic    early, shows, done_d;
  result_e code_d;  // ResultOk unless done_d

  assign early  = pending && !ready_i;  // S3
  assign shows  = state_q == StShow && age_q[ShowCycles];
  assign done_d = early || refused || no_nonce || denied || writes || shows;

  always_comb begin
    code_d = ResultOk;
    if (early || no_nonce || looks && not_seeded) code_d = ResultNotReady;
    else if (refused) code_d = ResultBadArgument;
    else if (decided) code_d = decision;
    else if (shows && !entry_i.held) code_d = ResultNotFound;  // S11
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) command_done_o <= 1'b0;
    else         command_done_o <= done_d;
  end

  reveille_session_result u_result (
    .clk_i,
    .rst_ni,
    .ready_i,
    .pending_i(pending),
    .code_i   (code_d),
    .show_i   (shows),
    .insert_i (writes && request.inserts),
    .place_i  (place_q),
    .nonce_i  (nonce_q),
    .entry_i,
    .state_i,
    .result_o
  );

  // Reads: both halves of two rows, or one location, the command's or the found session's
  logic           finds, next_half;
  store_address_t next_address;

  assign finds        = state_q inside {StHash, StFirst, StSecond};
  assign next_half    = state_q == StFirst && free_i || state_q == StSecond;
  assign next_address = state_q == StDecide ? found_address : {place_q.row, place_q.way.half};

  always_comb begin
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      read_o.next_address[bank] = finds ? {rows_i[bank], next_half} : next_address;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle)   place_q <= command_i.location;
    if (state_q == StDecide) place_q <= found_place;
  end

  assign finding_o    = state_q == StFirst;
  assign read_o.valid = free_i && state_q inside {StFirst, StSecond, StRead};
  assign read_o.lane  = {place_q.way.bank, place_q.way.lane};

  // S9
  always_ff @(posedge clk_i) begin
    if (looks)   nonce_q        <= request.wake ? nonce_i : command_i.nonce;
    if (decided) resends_left_q <= found_resends_left;
  end

  reveille_session_write u_write (
    .clk_i,
    .write_i       (writes),
    .request_i     (request),
    .command_i,
    .place_i       (place_q),
    .nonce_i       (nonce_q),
    .now_i,
    .resends_left_i(resends_left_q),
    .resend_budget_i,
    .write_o
  );

endmodule
