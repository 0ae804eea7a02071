// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Everything about sessions that is not a frame: clearing the store after reset, drawing the hash key, the host's
// commands, and the visit that walks over all entries for ever (docs/architecture.md, "Commands", "Visit").
// docs/timing/guard.md: S1-S14, named where they are met; f(c) there is the first cycle from c on with free_i.
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

  typedef enum logic [3:0] {
    StClear, StKey, StIdle, StNonce, StHash, StFindFirst, StFindSecond, StFindWait, StWrite, StRead, StReadWait, StDue
  } state_e;

  state_e                  state_q, state_d;
  logic                    visit_q, visit_d;        // the read is a visit's
  place_t                  place_q, place_d;        // of the session at hand
  location_t               walk_q, walk_d;          // StClear: its address; then the next location to visit
  logic [1:0]              wait_q;                  // StReadWait: cycles since v+1
  logic [2:0]              key_nonces_q;
  logic [HashKeyWidth-1:0] hash_key_q;
  nonce_t                  nonce_q;
  time_t                   now_q, deadline_q;
  logic [3:0]              resends_left_q;          // as found

  // The command
  logic is_wake, is_insert, pending, bad_argument, family_enabled;
  // Arguments are there a cycle before the command: what takes many of their bits is looked at then.
  logic is_ipv4_q, no_lifetime_q, no_nonce_q;

  assign is_wake        = command_i.opcode == CommandWake;
  assign is_insert      = command_i.opcode inside {CommandWake, CommandRestore};
  assign pending        = command_valid_i && !command_done_o;
  assign family_enabled = is_ipv4_q ? ipv4_enable_i : ipv6_enable_i;
  assign bad_argument   = command_i.opcode == CommandNone ||
                          is_insert && (!family_enabled || no_lifetime_q) ||
                          command_i.opcode == CommandRestore && no_nonce_q;

  always_ff @(posedge clk_i) begin
    is_ipv4_q     <= command_i.client[127:32] == 96'hffff;
    no_lifetime_q <= command_i.lifetime == '0;
    no_nonce_q    <= command_i.nonce == '0;
  end

  // S6
  rows_t    rows;
  logic     hash_last;
  address_t hashed;

  assign hashed = is_ipv4_q ? address_t'(command_i.client[31:0]) : command_i.client;

  reveille_serial_hash u_hash (
    .clk_i,
    .load_i    (state_q inside {StIdle, StNonce}),
    .run_i     (state_q == StHash),
    .client_i  (hashed),
    .hash_key_i(hash_key_q),
    .last_o    (hash_last),
    .rows_o    (rows)
  );

  // S7
  logic           decided, found, room;
  place_t         found_place;
  session_state_t found_state;

  reveille_session_find u_find (
    .clk_i,
    .rst_ni,
    .first_i   (state_q == StFindFirst && free_i),
    .second_i  (state_q == StFindSecond && free_i),
    .flags_i,
    .rows_i    (rows),
    .decided_o (decided),
    .found_o   (found),
    .room_o    (room),
    .place_o   (found_place),
    .state_o   (found_state)
  );

  // S13, S14
  logic        read_done, expire, wake, give_up, visit_write;
  wake_state_t visit_aux;

  assign read_done = state_q == StReadWait && wait_q == 2'd2;  // v+3

  reveille_session_visit u_visit (
    .clk_i,
    .entry_i,
    .phase_i  (state_i.phase),
    .held_i,
    .in_time_i,
    .now_i    (now_q),
    .wake_tries_i,
    .wake_interval_i,
    .decide_i (read_done),
    .expire_o (expire),
    .wake_o   (wake),
    .give_up_o(give_up),
    .aux_o    (visit_aux),
    .wakeup_o,
    .event_o
  );

  assign wakeup_valid_o = state_q == StDue && wake && free_i;
  assign event_valid_o  = state_q == StDue && (expire || give_up) && free_i;
  assign visit_write    = wakeup_valid_o && wakeup_ready_i || event_valid_o && event_ready_i;

  // Control
  logic    done_d;
  result_e code_d;

  always_comb begin
    state_d    = state_q;
    visit_d    = visit_q;
    place_d    = place_q;
    walk_d     = walk_q;
    done_d     = 1'b0;
    code_d     = ResultOk;

    unique case (state_q)
      StClear: begin  // S1
        walk_d = walk_q + 1'b1;
        if (walk_q[StoreAddressWidth-1:0] == '1) begin
          walk_d  = '0;
          state_d = StKey;
        end
      end

      StKey: begin  // S2
        if (nonce_valid_i && key_nonces_q == 3'(KeyNonces - 1)) state_d = StIdle;
      end

      StIdle: begin  // S4, S12
        if (pending) begin
          visit_d = 1'b0;
          place_d = command_i.location;
          unique case (command_i.opcode)
            CommandWake:         state_d = StNonce;
            CommandReadLocation: state_d = StRead;
            default:             state_d = StHash;
          endcase
          if (is_wake && !nonce_seeded_i || bad_argument) begin
            state_d = StIdle;
            done_d  = 1'b1;
            code_d  = is_wake && !nonce_seeded_i ? ResultNotReady : ResultBadArgument;
          end
        end else begin
          visit_d = 1'b1;
          place_d = walk_q;
          walk_d  = walk_q + 1'b1;
          state_d = StRead;
        end
      end

      StNonce: begin  // S5
        if (nonce_valid_i) begin
          state_d = StHash;
        end else if (!nonce_seeded_i) begin
          state_d = StIdle;
          done_d  = 1'b1;
          code_d  = ResultNotReady;
        end
      end

      StHash:       if (hash_last) state_d = StFindFirst;
      StFindFirst:  if (free_i) state_d = StFindSecond;
      StFindSecond: if (free_i) state_d = StFindWait;

      StFindWait: begin  // g; S8
        place_d = found_place;
        if (decided) begin
          state_d = command_i.opcode == CommandRead ? StRead : StWrite;
          if (is_insert) begin
            code_d = found ? ResultLive : room ? ResultOk : ResultFull;
          end else if (!found) begin
            code_d = ResultNotFound;
          end else if (command_i.opcode inside {CommandReply, CommandReject} && found_state.phase != PhaseInService) begin
            code_d = ResultWrongState;
          end
          if (code_d != ResultOk) begin
            state_d = StIdle;
            done_d  = 1'b1;
          end
        end
      end

      StWrite: begin  // S9, S10
        if (free_i) begin
          state_d = is_wake ? StRead : StIdle;
          visit_d = 1'b1;
          done_d  = 1'b1;
        end
      end

      StRead: if (free_i) state_d = StReadWait;

      StReadWait: begin  // S11
        if (read_done) begin
          state_d = visit_q ? StDue : StIdle;
          done_d  = !visit_q;
          code_d  = held_i ? ResultOk : ResultNotFound;
        end
      end

      default: if (free_i || !(expire || wake || give_up)) state_d = StIdle;  // StDue: S13, S14
    endcase

    // S3
    if (!ready_o && pending) begin
      done_d = 1'b1;
      code_d = ResultNotReady;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= StClear;
      visit_q        <= 1'b0;
      place_q        <= '0;
      walk_q         <= '0;
      wait_q         <= '0;
      key_nonces_q   <= '0;
      hash_key_q     <= '0;
      command_done_o <= 1'b0;
    end else begin
      state_q        <= state_d;
      visit_q        <= visit_d;
      place_q        <= place_d;
      walk_q         <= walk_d;
      wait_q         <= state_q == StReadWait ? wait_q + 1'b1 : '0;
      command_done_o <= done_d;
      if (state_q == StKey && nonce_valid_i) begin
        key_nonces_q <= key_nonces_q + 1'b1;
        hash_key_q   <= {hash_key_q[HashKeyWidth-$bits(nonce_t)-1:0], nonce_i};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) nonce_q <= command_i.nonce;
    if (state_q == StNonce) nonce_q <= nonce_i;
    if (state_q inside {StFindFirst, StRead}) now_q <= store_time_i;
    deadline_q <= now_q + command_i.lifetime;
    if (decided) resends_left_q <= found_state.resends_left;
  end

  assign ready_o       = !(state_q inside {StClear, StKey});
  assign cleared_o     = state_q != StClear;
  assign nonce_ready_o = state_q inside {StKey, StNonce};
  assign hash_key_o    = hash_key_q;

  // Reads: a look-up's two halves, or one location
  logic half;

  assign half           = state_q == StFindSecond;
  assign client_o       = command_i.client;
  assign now_o          = now_q;
  assign read_o.valid   = state_q inside {StFindFirst, StFindSecond, StRead};
  assign read_o.lane    = {place_q.bank, place_q.lane};
  assign read_o.address = state_q == StRead ? {Banks{place_q.row, place_q.half}} : {rows[1], half, rows[0], half};

  // Writes. Of an empty entry only the nonce is ever looked at, so nothing else needs clearing.
  logic        write;
  wake_state_t fresh_aux;

  assign write = state_q == StWrite && free_i;
  assign fresh_aux = '{
      zero: '0, armed: is_wake || command_i.armed, doi: command_i.doi, hop: command_i.hop, sent: '0, next: now_q
  };

  assign insert_o = write && is_insert;

  always_comb begin
    write_o = '{
        clear: state_q == StClear,
        identity: state_q == StClear || visit_write && expire || write && (is_insert || command_i.opcode == CommandClose),
        aux: visit_write && !expire || write && (is_insert || command_i.opcode == CommandReply),
        state: write && (is_insert || command_i.opcode inside {CommandReply, CommandReject}),
        place: state_q == StClear ? '{row: walk_q[RowWidth:1], half: walk_q[0], default: '0} : place_q,
        entry: '{
            spare: '0,
            client: command_i.client,
            nonce: state_q == StWrite && is_insert ? nonce_q : '0,
            deadline: deadline_q,
            aux: fresh_aux
        },
        phase: '{phase: PhaseOutstanding, resends_left: is_insert ? resend_budget_i : resends_left_q}
    };
    if (state_q == StDue) begin
      write_o.entry.aux = visit_aux;
    end else if (command_i.opcode == CommandReply || command_i.opcode == CommandRestore && command_i.phase[1]) begin
      write_o.entry.aux = command_i.tag;
    end
    if (command_i.opcode == CommandReply) write_o.phase.phase = PhaseReplied;
    if (command_i.opcode == CommandRestore) write_o.phase.phase = command_i.phase;
  end

  // Results. All but the code are wide, so their reset is StClear's, not rst_ni's.
  logic           show_entry;
  result_e        code_q;
  location_t      result_location_q;
  entry_t         result_entry_q;
  session_state_t result_state_q;

  assign show_entry = read_done && !visit_q && held_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      code_q <= ResultOk;
    end else if (pending) begin
      code_q <= done_d ? code_d : ResultOk;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!cleared_o || pending) begin
      result_location_q <= show_entry || insert_o ? place_q : '0;
      result_state_q    <= show_entry ? state_i : '0;
      result_entry_q    <= show_entry ? entry_i : '0;
      if (insert_o) result_entry_q.nonce <= nonce_q;
    end
  end

  assign result_o = '{code: code_q, location: result_location_q, entry: result_entry_q, state: result_state_q};

endmodule
