// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The host's commands, from their arguments to their results (docs/architecture.md, "Commands").
// docs/timing/guard.md: S3 to S9, S11; c is the Idle cycle in which a command is eligible and has its turn. The states
// are the steps: Look in c+1, Nonce in c+2, Hash until its rows are there, First and Second in a and b (of one memory a
// bank, each until both lanes of the half are read), Decide until g, Place in g+1, Write in w or Read in v.
module reveille_session_commands
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  // Registers
  input  logic               ipv4_enable_i,
  input  logic               ipv6_enable_i,
  input  logic               command_valid_i,  // until done
  input  command_t           command_i,
  output logic               command_done_o,
  output command_result_t    result_o,

  // Turns
  input  logic               ready_i,
  output logic               eligible_o,
  input  logic               start_i,          // c
  input  logic               visit_i,          // a visit begins
  output logic               ends_o,           // Idle follows, or a wake's visit
  output logic               woken_o,          // w of a wake: its visit follows (S10)

  // Nonce generator, client_hash
  input  logic               nonce_seeded_i,
  input  logic               nonce_valid_i,
  output logic               takes_next_o,     // a nonce is taken in the next cycle
  input  nonce_t             nonce_i,
  output logic               hash_start_o,     // c+1
  output logic               hash_ipv4_o,
  input  rows_t              rows_i,

  // Store
  input  logic               free_i,
  output logic               finds_o,          // the next read is in the rows, of this half; else at the place
  output logic               half_o,
  output logic               lane_o,           // ... of this lane, where a bank is one memory
  output logic               read_o,
  output logic               decided_o,        // g
  output place_t             found_place_o,    // g: where to go on
  input  place_t             place_i,          // ... from g+1 on; or the command's location
  input  flags_t [Lanes-1:0] flags_i,
  input  entry_t             entry_i,
  input  session_state_t     state_i,
  output parts_t             parts_o,          // to be written at the place, in the first free cycle after this one
  output request_t           request_o,
  output nonce_t             nonce_o
);

  localparam int unsigned HashCycles = 6;  // of client_hash
  localparam int unsigned ShowCycles = 4;  // from v to what is read

  // A bit of each state, none in Idle: what comes behind them is no more than a LUT away.
  typedef struct packed {
    logic look;
    logic nonce;
    logic hash;
    logic first;
    logic second;
    logic decide;
    logic place;
    logic write;
    logic read;
    logic show;
  } state_t;

  state_t              state_q, state_d;
  logic [HashCycles:1] hash_age_q;  // cycles since the hash was started
  logic [ShowCycles:1] read_age_q;  // cycles since v
  request_t            request;
  logic                pending;

  assign pending = command_valid_i && !command_done_o;

  // S4, S5
  logic not_seeded, bad_argument, refused, no_nonce;

  reveille_session_request u_request (
    .clk_i,
    .rst_ni,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .nonce_seeded_i,
    .nonce_valid_i,
    .pending_i     (pending),
    .ready_i,
    .command_i,
    .start_i,
    .visit_i,
    .eligible_o,
    .request_o     (request),
    .ipv4_o        (hash_ipv4_o),
    .not_seeded_o  (not_seeded),
    .bad_argument_o(bad_argument)
  );

  assign refused      = state_q.look && (not_seeded || bad_argument);
  assign takes_next_o = state_q.look && request.wake && !(not_seeded || bad_argument);
  assign no_nonce     = state_q.nonce && !nonce_valid_i;
  assign request_o    = request;

  always_ff @(posedge clk_i) begin
    if (state_q.look || state_q.nonce) nonce_o <= request.wake ? nonce_i : command_i.nonce;
  end

  // S6: begun before the command is known to be good
  assign hash_start_o = state_q.look;

  // S7, S8
  logic    reads, lane_q, half_ends;  // a look-up's read; of the half's first lane, or its second; its last

  assign reads     = free_i && (state_q.first || state_q.second);
  assign half_ends = free_i && (MemoryLanes == 1 || lane_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                        lane_q <= 1'b0;
    else if (MemoryLanes == 2 && reads) lane_q <= !lane_q;
  end

  logic    decided, found, in_service, room, denies, denied;
  result_e decision;

  reveille_session_find u_find (
    .clk_i,
    .rst_ni,
    .lane_i      (reads && !half_ends),
    .first_i     (state_q.first && half_ends),
    .second_i    (state_q.second && half_ends),
    .flags_i,
    .rows_i,
    .inserts_i   (request.inserts),
    .answers_i   (request.answers),
    .decided_o   (decided),
    .found_o     (found),
    .in_service_o(in_service),
    .room_o      (room),
    .denied_o    (denies),
    .place_o     (found_place_o)
  );

  always_comb begin
    decision = ResultOk;
    if (request.inserts) begin
      if (found) decision = ResultLive;
      else if (!room) decision = ResultFull;
    end else if (!found) begin
      decision = ResultNotFound;
    end else if (request.answers && !in_service) begin
      decision = ResultWrongState;
    end
  end

  assign denied    = decided && denies;
  assign decided_o = decided;

  // The steps
  logic writes, shows, begins, proceeds;

  assign writes   = state_q.write && free_i;
  assign shows    = state_q.show && read_age_q[ShowCycles];
  assign begins   = state_q.look && !(not_seeded || bad_argument);
  assign proceeds = decided && !denies;

  assign state_d = '{
      look: start_i,
      nonce: begins && request.wake,
      hash: begins && !request.wake && !request.read_location || state_q.nonce && nonce_valid_i ||
            state_q.hash && !hash_age_q[HashCycles],
      first: state_q.hash && hash_age_q[HashCycles] || state_q.first && !half_ends,
      second: state_q.first && half_ends || state_q.second && !half_ends,
      decide: state_q.second && half_ends || state_q.decide && !decided,
      place: proceeds,
      write: state_q.place && !request.read || state_q.write && !free_i,
      read: begins && request.read_location || state_q.place && request.read || state_q.read && !free_i,
      show: state_q.read && free_i || state_q.show && !read_age_q[ShowCycles]
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= '0;
      hash_age_q <= '0;
      read_age_q <= '0;
    end else begin
      state_q    <= state_d;
      hash_age_q <= start_i ? '0 : {hash_age_q[HashCycles-1:1], state_q.look};
      read_age_q <= {read_age_q[ShowCycles-1:1], state_q.read && free_i};
    end
  end

  assign ends_o  = refused || no_nonce || denied || writes || shows;
  assign woken_o = writes && request.wake;

  // Ways to be done
  logic    early;
  result_e code_d;
  logic    show_q;  // v+4: the entry is not empty

  assign early = pending && !ready_i;  // S3

  // At most one of these at a time
  assign code_d = result_e'((early || no_nonce || state_q.look && not_seeded ? ResultNotReady : ResultOk) |
                            (state_q.look && !not_seeded ? ResultBadArgument : ResultOk) |
                            (decided ? decision : ResultOk) |
                            (shows && !show_q ? ResultNotFound : ResultOk));  // S11

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) command_done_o <= 1'b0;
    else         command_done_o <= early || ends_o;
  end

  // Results are cleared in c+1, and until the start-up is over.
  logic clear_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clear_q <= 1'b1;
      show_q  <= 1'b0;
    end else begin
      clear_q <= !ready_i || start_i;
      show_q  <= read_age_q[ShowCycles-1] && entry_i.held;
    end
  end

  reveille_session_result u_result (
    .clk_i,
    .rst_ni,
    .clear_i  (clear_q),
    .done_i   (early || ends_o),
    .code_i   (code_d),
    .show_i   (show_q),
    .insert_i (writes && request.inserts),
    .place_i,
    .nonce_i  (nonce_o),
    .entry_i,
    .state_i,
    .result_o
  );

  // Reads: both halves of two rows, or one place
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) finds_o <= 1'b0;
    else         finds_o <= state_q.hash || finds_o && !decided;
  end

  assign half_o = state_q.first && half_ends || state_q.second;
  assign lane_o = MemoryLanes == 2 && lane_q != reads;
  assign read_o = free_i && (state_q.first || state_q.second || state_q.read);

  // S9
  assign parts_o = '{
      identity: state_q.place && (request.inserts || request.close),
      aux: state_q.place && (request.inserts || request.reply),
      phase: state_q.place && (request.inserts || request.reply || request.reject),
      false_nonces: state_q.place && request.inserts
  };

endmodule
