// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Everything about sessions that is not a frame: clearing the store after reset, drawing the hash key, the host's
// commands, and the visit that walks over all entries for ever (docs/architecture.md, "Commands", "Visit").
// docs/timing/guard.md: S1-S15, named where they are met; f(c) there is the first cycle from c on with free_i.
//
// One thing at a time: a command waits for the visit under way, a visit for the command.
module reveille_session_control
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  time_t                   store_time_i,

  // Registers
  input  logic                    ipv4_enable_i,
  input  logic                    ipv6_enable_i,
  input  logic [3:0]              resend_budget_i,
  input  logic [3:0]              wake_tries_i,
  input  logic [31:0]             wake_interval_i,  // microseconds
  input  logic                    command_valid_i,  // until done
  input  command_t                command_i,
  output logic                    command_done_o,
  output command_result_t         result_o,
  output logic                    ready_o,

  // Nonce generator, parser
  input  logic                    nonce_seeded_i,
  input  logic                    nonce_valid_i,
  output logic                    nonce_ready_o,
  input  nonce_t                  nonce_i,
  output logic [HashKeyWidth-1:0] hash_key_o,

  // Store
  input  logic                    free_i,
  output logic                    cleared_o,
  output read_t                   read_o,
  output address_t                client_o,
  output time_t                   now_o,
  output write_t                  write_o,
  output logic                    insert_o,  // the write is a new session's
  input  entry_t                  entry_i,
  input  session_state_t          state_i,
  input  logic                    held_i,
  input  logic                    in_time_i,
  input  flags_t [Lanes-1:0]      flags_i,

  // Framer, event log
  output logic                    wakeup_valid_o,
  input  logic                    wakeup_ready_i,
  output wakeup_t                 wakeup_o,
  output logic                    event_valid_o,
  input  logic                    event_ready_i,
  output event_t                  event_o
);

  localparam int unsigned KeyNonces = HashKeyWidth / $bits(nonce_t);

  // One bit a state: what follows from a state needs no decoder.
  typedef enum int unsigned {
    StClear, StKey, StIdle, StStart, StNonce, StHash, StFindFirst, StFindSecond, StFindWait, StWrite, StRead, StReadWait, StDue,
    StExpire
  } state_e;
  typedef logic [StExpire:0] states_t;

  function automatic states_t only(state_e state);
    return states_t'(1) << state;
  endfunction

  states_t                 state_q, state_d;
  logic                    hash_load_q;       // StStart, for the hash alone: it has hundreds of readers
  logic                    visit_q, visit_d;  // the read is a visit's
  place_t                  place_q, place_d;  // StClear: the address; then of the session at hand
  logic [Lanes-1:0]        lanes_q;           // StClear: all; then place_q's
  location_t               walk_q, walk_d;    // the next location to visit
  logic [4:1]              read_age_q;        // cycles since v
  logic [2:0]              key_nonces_q;
  logic [HashKeyWidth-1:0] hash_key_q;
  nonce_t                  nonce_q;
  time_t                   now_q, deadline_q;
  logic [3:0]              resends_left_q;    // as found

  // The command. It is looked at behind Idle only, so through registers.
  logic pending, bad_session, no_generator, bad_argument;
  logic is_ipv4, upper_zero_q, mapped_q, no_lifetime_q, no_nonce_q, no_opcode_q, wakes_q, inserts_q, answers_q, reads_q, reads_location_q, replies_q;
  logic writes_identity_q, writes_aux_q, writes_state_q, tagged_q;
  logic ipv4_enable_q, ipv6_enable_q, seeded_q;

  assign pending      = command_valid_i && !command_done_o;
  assign is_ipv4      = upper_zero_q && mapped_q;
  assign bad_session  = no_lifetime_q || !(is_ipv4 ? ipv4_enable_q : ipv6_enable_q);
  assign no_generator = wakes_q && !seeded_q;
  assign bad_argument = no_opcode_q || inserts_q && (bad_session || !wakes_q && no_nonce_q);

  always_ff @(posedge clk_i) begin
    ipv4_enable_q     <= ipv4_enable_i;
    ipv6_enable_q     <= ipv6_enable_i;
    seeded_q          <= nonce_seeded_i;
    no_opcode_q       <= command_i.opcode == CommandNone;
    upper_zero_q      <= command_i.client[127:80] == '0;
    mapped_q          <= command_i.client[79:32] == 48'hffff;
    no_lifetime_q     <= command_i.lifetime == '0;
    no_nonce_q        <= command_i.nonce == '0;
    wakes_q           <= command_i.opcode == CommandWake;
    inserts_q         <= command_i.opcode inside {CommandWake, CommandRestore};
    answers_q         <= command_i.opcode inside {CommandReply, CommandReject};
    replies_q         <= command_i.opcode == CommandReply;
    reads_q           <= command_i.opcode == CommandRead;
    reads_location_q  <= command_i.opcode == CommandReadLocation;
    writes_identity_q <= command_i.opcode inside {CommandWake, CommandRestore, CommandClose};
    writes_aux_q      <= command_i.opcode inside {CommandWake, CommandRestore, CommandReply};
    writes_state_q    <= command_i.opcode inside {CommandWake, CommandRestore, CommandReply, CommandReject};
    tagged_q          <= command_i.opcode == CommandReply || command_i.opcode == CommandRestore && command_i.phase[1];
  end

  // S6
  rows_t    rows, next_rows;
  logic     hash_last;
  address_t hashed;

  // All that is not 0 in the prefix of an IPv4 client.
  assign hashed = {command_i.client[127:48], is_ipv4 ? 16'd0 : command_i.client[47:32], command_i.client[31:0]};

  reveille_serial_hash u_hash (
    .clk_i,
    .load_i     (hash_load_q),
    .run_i      (state_q[StHash]),
    .client_i   (hashed),
    .hash_key_i (hash_key_q),
    .last_o     (hash_last),
    .rows_o     (rows),
    .next_rows_o(next_rows)
  );

  // S7
  logic           decided, found, room;
  place_t         found_place;
  session_state_t found_state;

  reveille_session_find u_find (
    .clk_i,
    .rst_ni,
    .first_i  (state_q[StFindFirst] && free_i),
    .second_i (state_q[StFindSecond] && free_i),
    .flags_i,
    .rows_i   (rows),
    .decided_o(decided),
    .found_o  (found),
    .room_o   (room),
    .place_o  (found_place),
    .state_o  (found_state)
  );

  result_e decision;

  always_comb begin
    decision = ResultOk;
    if (inserts_q) begin
      if (found) decision = ResultLive;
      else if (!room) decision = ResultFull;
    end else if (!found) begin
      decision = ResultNotFound;
    end else if (answers_q && found_state.phase != PhaseInService) begin
      decision = ResultWrongState;
    end
  end

  // S13, S14
  logic        due, expire, wake, give_up;
  wake_state_t visit_aux;

  reveille_session_visit u_visit (
    .clk_i,
    .entry_i,
    .phase_i  (state_i.phase),
    .held_i,
    .in_time_i,
    .now_i    (now_q),
    .wake_tries_i,
    .wake_interval_i,
    .decide_i (read_age_q[3]),
    .due_o    (due),
    .expire_o (expire),
    .wake_o   (wake),
    .give_up_o(give_up),
    .aux_o    (visit_aux),
    .wakeup_o,
    .event_o
  );

  assign wakeup_valid_o = state_q[StDue] && wake && free_i;
  assign event_valid_o  = state_q[StDue] && (expire || give_up) && free_i;

  // Ways to be done
  logic    show_q;   // v+4 of a read command
  logic    shown_q;  // the entry is not empty; v+4
  logic    early, refused, lost, denied, written, done_d;
  result_e code_d;   // ResultOk unless done_d

  assign early   = pending && !ready_o;                                              // S3
  assign refused = state_q[StStart] && (no_generator || bad_argument);               // S4
  assign lost    = state_q[StNonce] && !nonce_valid_i && !nonce_seeded_i;            // S5
  assign denied  = decided && decision != ResultOk;                                  // S8
  assign written = state_q[StWrite] && free_i;                                       // S9
  assign done_d  = early || refused || lost || denied || written || show_q;

  always_comb begin
    code_d = ResultOk;
    if (early || lost || refused && no_generator) code_d = ResultNotReady;
    else if (refused) code_d = ResultBadArgument;
    else if (decided) code_d = decision;
    else if (show_q && !shown_q) code_d = ResultNotFound;                             // S11
  end

  // Where to go next
  place_t next_place;

  always_comb begin
    next_place = place_q;
    if (state_q[StIdle]) next_place = walk_q;
    if (state_q[StStart]) next_place = command_i.location;
    if (state_q[StFindWait]) next_place = found_place;
    place_d = next_place;
    if (state_q[StClear]) {place_d.row, place_d.half} = {place_q.row, place_q.half} + 1'b1;
  end

  // Control
  always_comb begin
    state_d = state_q;
    visit_d = visit_q;
    walk_d  = walk_q;

    unique case (1'b1)
      state_q[StClear]: if ({place_q.row, place_q.half} == '1) state_d = only(StKey);  // S1

      state_q[StKey]: begin  // S2
        if (nonce_valid_i && key_nonces_q == 3'(KeyNonces - 1)) state_d = only(StIdle);
      end

      state_q[StIdle]: begin  // S12
        visit_d = !pending;
        if (!pending) walk_d = walk_q + 1'b1;
        state_d = pending ? only(StStart) : only(StRead);
      end

      state_q[StStart]: begin  // S4
        if (refused) state_d = only(StIdle);
        else if (wakes_q) state_d = only(StNonce);
        else state_d = reads_location_q ? only(StRead) : only(StHash);
      end

      state_q[StNonce]: begin  // S5
        if (nonce_valid_i) state_d = only(StHash);
        else if (lost) state_d = only(StIdle);
      end

      state_q[StHash]:       if (hash_last) state_d = only(StFindFirst);
      state_q[StFindFirst]:  if (free_i) state_d = only(StFindSecond);
      state_q[StFindSecond]: if (free_i) state_d = only(StFindWait);

      state_q[StFindWait]: begin  // g; S8
        if (decided) state_d = denied ? only(StIdle) : reads_q ? only(StRead) : only(StWrite);
      end

      state_q[StWrite]: begin  // S9, S10
        visit_d = 1'b1;
        if (written) state_d = wakes_q ? only(StRead) : only(StIdle);
      end

      state_q[StRead]:     if (free_i) state_d = only(StReadWait);
      state_q[StReadWait]: if (read_age_q[4]) state_d = visit_q ? only(StDue) : only(StIdle);
      state_q[StDue]: begin  // S13, S14
        if (free_i || !due) state_d = expire && event_ready_i ? only(StExpire) : only(StIdle);
      end

      state_q[StExpire]: if (free_i) state_d = only(StIdle);
      default: ;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= only(StClear);
      hash_load_q    <= 1'b0;
      visit_q        <= 1'b0;
      place_q        <= '0;
      lanes_q        <= '1;
      walk_q         <= '0;
      read_age_q     <= '0;
      key_nonces_q   <= '0;
      hash_key_q     <= '0;
      show_q         <= 1'b0;
      command_done_o <= 1'b0;
    end else begin
      state_q        <= state_d;
      hash_load_q    <= state_d[StStart];
      visit_q        <= visit_d;
      place_q        <= place_d;
      lanes_q        <= state_d[StClear] ? '1 : Lanes'(1) << {place_d.bank, place_d.lane};
      walk_q         <= walk_d;
      read_age_q     <= {read_age_q[3:1], state_q[StRead] && free_i};
      show_q         <= read_age_q[3] && !visit_q;
      command_done_o <= done_d;
      if (state_q[StKey] && nonce_valid_i) begin
        key_nonces_q <= key_nonces_q + 1'b1;
        hash_key_q   <= {hash_key_q[HashKeyWidth-$bits(nonce_t)-1:0], nonce_i};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q[StStart]) nonce_q <= command_i.nonce;
    if (state_q[StNonce]) nonce_q <= nonce_i;
    if (state_q[StFindFirst] || state_q[StRead]) now_q <= store_time_i;
    deadline_q <= now_q + command_i.lifetime;
    shown_q    <= held_i;
    if (decided) resends_left_q <= found_state.resends_left;
  end

  assign ready_o       = !(state_q[StClear] || state_q[StKey]);
  assign cleared_o     = !state_q[StClear];
  assign nonce_ready_o = state_q[StKey] || state_q[StNonce];
  assign hash_key_o    = hash_key_q;

  // Reads: a look-up's two halves, or one location
  logic finds, next_half;

  assign finds        = state_q[StHash] || state_q[StFindFirst] || state_q[StFindSecond];
  assign next_half    = state_q[StFindFirst] && free_i || state_q[StFindSecond];
  assign client_o     = command_i.client;
  assign now_o        = now_q;
  assign read_o.valid = state_q[StFindFirst] || state_q[StFindSecond] || state_q[StRead];
  assign read_o.lane  = {place_q.bank, place_q.lane};
  assign read_o.next_address = finds ? {next_rows[1], next_half, next_rows[0], next_half} : {Banks{next_place.row, next_place.half}};

  // Writes. Of an empty entry only `held` is ever looked at, so nothing else needs clearing.
  wake_state_t fresh_aux;
  // What a visit writes to aux takes a sum, and lands in w+1. Nobody can tell: a frame looks at aux in phase replied only,
  // which takes a command, and the next read of our own is in w+2 at the earliest.
  logic        visit_aux_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      visit_aux_q <= 1'b0;
    end else begin
      visit_aux_q <= wakeup_valid_o && wakeup_ready_i || event_valid_o && event_ready_i;
    end
  end

  assign insert_o = state_q[StWrite] && inserts_q && free_i;
  assign fresh_aux = '{
      zero: '0, armed: wakes_q || command_i.armed, doi: command_i.doi, hop: command_i.hop, sent: '0, next: now_q
  };

  always_comb begin
    write_o = '{
        lanes: lanes_q,
        identity: state_q[StClear] || state_q[StWrite] && writes_identity_q || state_q[StExpire],
        aux: state_q[StWrite] && writes_aux_q,
        late_aux: visit_aux_q,
        state: state_q[StWrite] && writes_state_q,
        place: place_q,
        entry: '{
            held: state_q[StWrite] && inserts_q,
            client: command_i.client,
            nonce: nonce_q,
            deadline: deadline_q,
            aux: visit_aux_q ? visit_aux : tagged_q ? command_i.tag : fresh_aux
        },
        phase: '{
            phase: replies_q ? PhaseReplied : inserts_q && !wakes_q ? command_i.phase : PhaseOutstanding,
            resends_left: inserts_q ? resend_budget_i : resends_left_q
        }
    };
  end

  reveille_session_result u_result (
    .clk_i,
    .rst_ni,
    .cleared_i(cleared_o),
    .pending_i(pending),
    .code_i   (code_d),
    .show_i   (show_q),
    .held_i   (shown_q),
    .insert_i (insert_o),
    .place_i  (place_q),
    .nonce_i  (nonce_q),
    .entry_i,
    .state_i,
    .result_o
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) assert ($onehot(state_q)) else $error("no state, or two");
  end
`endif

endmodule
