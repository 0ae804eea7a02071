// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_session_control never stands still: bounds B1 to B4 of docs/timing.md and the walks of S12 to S15 of
// docs/timing/guard.md, for arbitrary traffic, whatever the store answers, from any power-up state, with resets at any
// time. Of its surroundings it is believed that one cycle of four is free (T11), that an event is taken within ten
// cycles (B5, tb/formal/host/event_log_proof.sv) and that a command stands until it is done (S21). The framer may take
// a Wake Up when it likes, or never.
//
// For each state there is a number of cycles in which, at the latest, the next visit reads, or the command is done: it
// gets less in every cycle. The bounds that follow are less than those of the page.
module session_control_proof
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input logic               clk_i,
  input logic               rst_ni,
  input logic               ipv4_enable_i,
  input logic               ipv6_enable_i,
  input logic [3:0]         resend_budget_i,
  input logic [3:0]         wake_tries_i,
  input logic [31:0]        wake_interval_i,
  input logic               command_valid_i,
  input command_t           command_i,
  input logic               nonce_seeded_i,
  input logic               nonce_valid_i,
  input nonce_t             nonce_i,
  input rows_t              hash_rows_i,
  input logic               free_i,
  input logic               free_next_i,
  input entry_t             entry_i,
  input session_state_t     state_i,
  input time_t              now_i,
  input flags_t [Lanes-1:0] flags_i,
  input logic               wakeup_ready_i,
  input logic               event_ready_i
);

  localparam int unsigned VisitBound   = 62;     // B3 allows 100
  localparam int unsigned CommandBound = 63;     // B1 allows 120, B2 160 behind the wait for a nonce
  localparam int unsigned NonceWait    = 65536;
  localparam int unsigned EventBound   = 10;     // B5

  localparam int unsigned Locations    = reveille_config_pkg::Sessions;

  typedef logic [7:0] cycles_t;
  typedef logic [LocationWidth+1:0] visits_t;

  logic            command_done, ready, nonce_ready, hash_start, hash_ipv4, cleared, wakeup_valid, event_valid;
  command_result_t result;
  hash_write_t     hash_write;
  address_t        hash_client, client;
  read_t           read;
  write_t          write;
  wakeup_t         wakeup;
  event_t          told;

  reveille_session_control u_block (
    .clk_i,
    .rst_ni,
    .ipv4_enable_i,
    .ipv6_enable_i,
    .resend_budget_i,
    .wake_tries_i,
    .wake_interval_i,
    .command_valid_i,
    .command_i,
    .command_done_o(command_done),
    .result_o      (result),
    .ready_o       (ready),
    .nonce_seeded_i,
    .nonce_valid_i,
    .nonce_ready_o (nonce_ready),
    .nonce_i,
    .hash_write_o  (hash_write),
    .hash_start_o  (hash_start),
    .hash_client_o (hash_client),
    .hash_ipv4_o   (hash_ipv4),
    .hash_rows_i,
    .free_i,
    .free_next_i,
    .cleared_o     (cleared),
    .read_o        (read),
    .client_o      (client),
    .write_o       (write),
    .entry_i,
    .state_i,
    .now_i,
    .flags_i,
    .wakeup_valid_o(wakeup_valid),
    .wakeup_ready_i,
    .wakeup_o      (wakeup),
    .event_valid_o (event_valid),
    .event_ready_i,
    .event_o       (told)
  );

  axi_stream_rules #(
    .Width($bits(event_t))
  ) u_event (
    .clk_i,
    .rst_ni,
    .valid_i(event_valid),
    .ready_i(event_ready_i),
    .data_i (told)
  );

  axi_stream_rules #(
    .Width($bits(wakeup_t))
  ) u_wakeup (
    .clk_i,
    .rst_ni,
    .valid_i(wakeup_valid),
    .ready_i(wakeup_ready_i),
    .data_i (wakeup)
  );

  // The surroundings
  logic       started_q = 1'b0, free_next_q, pending_q = 1'b0, done_q = 1'b0;
  logic [1:0] taken_cycles;   // that were not free, up to this one
  logic [3:0] event_waits;    // cycles in which it has been offered
  command_t   command_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_cycles <= '0;
      event_waits  <= '0;
    end else begin
      taken_cycles <= free_i ? '0 : taken_cycles + 1'b1;
      event_waits  <= event_valid && !event_ready_i ? event_waits + 1'b1 : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q   <= 1'b1;
    free_next_q <= free_next_i;
    pending_q   <= rst_ni && command_valid_i && !command_done;
    done_q      <= command_done;
    command_q   <= command_i;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (free_i == free_next_q || !started_q);
    assume (taken_cycles != 2'd3 || free_i);
    assume (!event_valid || event_waits != 4'(EventBound - 1) || event_ready_i);
    assume (!pending_q || (command_valid_i && command_i == command_q));
    assume (!(done_q && command_valid_i));
  end

  // The states, and how many cycles at most each of them is away from Idle
  logic       idle, visits, commands, hashes, visited, can_start;
  logic [5:1] visit_age;
  logic [6:1] hash_age, find_age;
  logic [4:1] read_age;
  cycles_t    until_free, until_settled, until_told, until_both, visit_ends, command_ends;

  assign idle      = u_block.idle_q;
  assign visits    = u_block.u_visits.state_q != '0;
  assign commands  = u_block.u_commands.state_q != '0;
  assign hashes    = u_block.u_commands.state_q.nonce || u_block.u_commands.state_q.hash;
  assign visited   = u_block.u_commands.u_request.visited_q;
  assign can_start = u_block.eligible;
  assign visit_age = u_block.u_visits.age_q;
  assign hash_age  = u_block.u_commands.hash_age_q;
  assign find_age  = u_block.u_commands.u_find.second_age_q;
  assign read_age  = u_block.u_commands.read_age_q;

  function automatic cycles_t age(logic [6:1] ages);
    cycles_t result = '0;
    for (int unsigned i = 1; i <= 6; i++) if (ages[i]) result = cycles_t'(i);
    return result;
  endfunction

  function automatic cycles_t more(cycles_t a, cycles_t b);
    return a > b ? a : b;
  endfunction

  assign until_free    = cycles_t'(3) - cycles_t'(taken_cycles);
  assign until_settled = u_block.u_later.settled_o ? '0 : cycles_t'(u_block.u_later.doublings_q) +
                         (u_block.u_later.doublings_q == '0 && u_block.u_later.scaled_q ? cycles_t'(1) : cycles_t'(2));
  assign until_told    = event_valid ? cycles_t'(EventBound) - cycles_t'(event_waits) : '0;
  assign until_both    = more(until_settled, until_told);

  always_comb begin
    visit_ends = '0;
    if (u_block.u_visits.state_q.place) visit_ends = cycles_t'(30);
    if (u_block.u_visits.state_q.read)  visit_ends = until_free + cycles_t'(26);
    if (u_block.u_visits.state_q.waits) visit_ends = cycles_t'(26) - age({1'b0, visit_age});
    if (visit_age[4])                   visit_ends = more(until_both, cycles_t'(2)) + cycles_t'(5);
    if (visit_age[5])                   visit_ends = more(until_both, cycles_t'(1)) + cycles_t'(5);
    if (u_block.u_visits.state_q.due)   visit_ends = until_both + cycles_t'(5);
    if (u_block.u_visits.state_q.write) visit_ends = until_free + cycles_t'(1);

    command_ends = '0;
    if (u_block.u_commands.state_q.look)   command_ends = cycles_t'(30);
    if (hashes)                            command_ends = cycles_t'(30) - age(hash_age);
    if (u_block.u_commands.state_q.first)  command_ends = until_free + cycles_t'(20);
    if (u_block.u_commands.state_q.second) command_ends = until_free + cycles_t'(16);
    if (u_block.u_commands.state_q.decide) command_ends = cycles_t'(16) - age(find_age);
    if (u_block.u_commands.state_q.place)  command_ends = cycles_t'(9);
    if (u_block.u_commands.state_q.write)  command_ends = until_free + cycles_t'(1);
    if (u_block.u_commands.state_q.read)   command_ends = until_free + cycles_t'(5);
    if (u_block.u_commands.state_q.show)   command_ends = cycles_t'(5) - age({2'b00, read_age});
  end

  // B3, B1, B2: cycles since a visit read, since the command is there, and how many there are at most to the next
  cycles_t     since_visit, until_visit, until_done;
  logic [17:0] since_command;
  logic        reads, pending;

  assign reads   = u_block.u_visits.read_o;
  assign pending = command_valid_i && !command_done;

  always_comb begin
    if (visits)        until_visit = visit_ends + cycles_t'(36);
    else if (commands) until_visit = command_ends + cycles_t'(5);
    else               until_visit = visited ? cycles_t'(36) : cycles_t'(5);
    if (u_block.u_visits.state_q.place) until_visit = cycles_t'(4);
    if (u_block.u_visits.state_q.read)  until_visit = until_free;

    if (commands)    until_done = command_ends;
    else if (visits) until_done = visit_ends + cycles_t'(31);
    else             until_done = can_start ? cycles_t'(31) : cycles_t'(62);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      since_visit   <= '0;
      since_command <= '0;
    end else begin
      since_visit   <= !ready || reads ? cycles_t'(1) : since_visit + 1'b1;
      since_command <= pending && !command_done ? since_command + 1'b1 : '0;
    end
  end

  // B4, S12, S15: visits of the two walks, and a location, any one
  location_t place;
  visits_t   visits_since_sweep, steps_since_walk;
  logic      ends, sweeps, sweeps_next, refused, was_refused, held_q, dead_q;
  location_t sweep_next, walk_next, to_sweep, to_walk, refused_place;

  assign ends       = u_block.u_visits.ends_o && u_block.u_visits.of_walk_q;
  assign sweeps     = !u_block.u_visits.walk_q;  // Sweep is 0
  assign refused    = u_block.u_visits.state_q.due && u_block.u_visits.stays;
  assign sweeps_next = !u_block.u_visits.turn_q;
  assign sweep_next  = sweeps_next ? u_block.u_visits.next_q : u_block.u_visits.other_next_q;
  assign walk_next   = sweeps_next ? u_block.u_visits.other_next_q : u_block.u_visits.next_q;
  assign to_sweep    = place - sweep_next;
  assign to_walk     = place - walk_next;

  always_ff @(posedge clk_i) place <= place;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      visits_since_sweep <= '0;
      steps_since_walk   <= '0;
      was_refused        <= 1'b0;
    end else if (ends) begin
      if (sweeps && u_block.walk_place == place) visits_since_sweep <= '0;
      else visits_since_sweep <= visits_since_sweep + 1'b1;
      if (!sweeps && !refused) begin
        steps_since_walk <= u_block.walk_place == place ? '0 : steps_since_walk + 1'b1;
      end
      if (!sweeps) was_refused <= refused;
    end
  end

  always_ff @(posedge clk_i) begin
    if (ends && !sweeps) refused_place <= u_block.walk_place;
    if (visit_age[3]) held_q <= entry_i.held;
    if (visit_age[4]) dead_q <= !flags_i[{u_block.place_q.way.bank, u_block.place_q.way.lane}].live;
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      visit_in_time: assert (since_visit <= cycles_t'(VisitBound));
      command_in_time: assert (!pending || command_i.opcode == CommandWake || since_command <= 18'(CommandBound));
      wake_in_time: assert (!pending || since_command <= 18'(NonceWait + CommandBound));
      swept_in_time: assert (visits_since_sweep < visits_t'(2 * Locations));
      walked_in_time: assert (steps_since_walk < visits_t'(Locations));
      walks_in_turn: assert (!ends || sweeps == sweeps_next);
      refused_goes_next: assert (!(was_refused && ends && !sweeps) || u_block.walk_place == refused_place);
      expired_is_told: assert (!(ends && sweeps && held_q && dead_q) || u_block.u_visits.writes);
      long_visit: cover (reads && since_visit == cycles_t'(40));
      long_command: cover (command_done && since_command == 18'd45);
      wake_waits: cover (pending && command_i.opcode == CommandWake && since_command == 18'd40);
      refused_and_taken: cover (was_refused && ends && !sweeps && !refused && wakeup_valid);
      expires: cover (event_valid && event_ready_i && told.kind == EventExpired && event_waits == 4'd8);
    end
  end

  // What holds of the block's registers: with it the above follows from one cycle to the next.
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      one_thing_at_a_time: assert ($onehot0({idle, u_block.u_visits.state_q, u_block.u_commands.state_q}) &&
                                   (idle || visits || commands) == ready);
      one_kind: assert ($onehot({u_block.request.wake, u_block.request.reply, u_block.request.reject,
                                 u_block.request.close, u_block.request.restore, u_block.request.read,
                                 u_block.request.read_location, u_block.request.none}));
      busy_in_a_visit: assert (u_block.visit_busy == visits);
      visit_ages: assert ($onehot0(visit_age) && (visit_age != '0) == u_block.u_visits.state_q.waits &&
                          u_block.u_visits.u_due.read_q == visit_age[4]);
      hash_ages: assert ($onehot0(hash_age) && (!u_block.u_commands.state_q.look || hash_age == '0) &&
                         (!u_block.u_commands.state_q.nonce || hash_age[1]) &&
                         (!u_block.u_commands.state_q.hash || hash_age != '0));
      find_ages: assert ($onehot0(find_age) && (find_age != '0) == u_block.u_commands.state_q.decide);
      read_ages: assert ($onehot0(read_age) && (read_age != '0) == u_block.u_commands.state_q.show);
      visits_between: assert (visits ? visited : commands ? !visited : !(idle && can_start) || visited);
      done_at_once: assert (ready || since_command == '0 || command_done);  // S3
      commands_stand: assert (!commands || pending);
      turn_of_a_command: assert (!u_block.u_commands.u_request.its_turn_q || (pending && (!idle || visited)));
      its_walk: assert (!(visits && u_block.u_visits.of_walk_q) || sweeps == sweeps_next);
      outcome: assert ($onehot({u_block.u_visits.expire, u_block.u_visits.wake, u_block.u_visits.give_up,
                                u_block.u_visits.nothing}));
      held_agrees: assert (visit_age[3:1] != '0 || !visits || u_block.u_visits.state_q.place ||
                           u_block.u_visits.state_q.read || u_block.u_visits.u_due.held_q == held_q);
      live_agrees: assert (!(visit_age[5] || u_block.u_visits.state_q.due || u_block.u_visits.state_q.write) ||
                           u_block.u_visits.u_due.live_q == !dead_q);
      expiry_agrees: assert (!(u_block.u_visits.state_q.due || u_block.u_visits.state_q.write) ||
                             u_block.u_visits.expire == (sweeps && held_q && dead_q) &&
                             !(sweeps && (u_block.u_visits.wake || u_block.u_visits.give_up)));
      free_agrees: assert (u_block.u_visits.event_free_q == !event_valid &&
                           u_block.u_visits.wakeup_free_q == !wakeup_valid);
      settles: assert (!u_block.u_later.settled_o || (u_block.u_later.scaled_q && u_block.u_later.doublings_q == '0));
      event_is_taken: assert (event_valid ? event_waits < 4'(EventBound) : event_waits == '0);
      waits_agree: assert (u_block.u_commands.u_request.waited_q ==
                           (since_command < 18'(NonceWait) ? 17'(since_command) : 17'(NonceWait)));
      visit_comes_nearer: assert (!ready || since_visit + until_visit <= cycles_t'(VisitBound));
      command_comes_nearer: assert (!(pending && ready) || command_i.opcode == CommandWake ||
                                    since_command + 18'(until_done) <= 18'(CommandBound));
      wake_comes_nearer: assert (!(pending && ready) || since_command < 18'(NonceWait) ||
                                 since_command + 18'(until_done) <= 18'(NonceWait + CommandBound));
      sweep_comes_nearer: assert (visits_since_sweep + {1'b0, to_sweep, !sweeps_next} < visits_t'(2 * Locations));
      walk_comes_nearer: assert (steps_since_walk + visits_t'(to_walk) < visits_t'(Locations));
      refused_is_next: assert (!was_refused || walk_next == refused_place);
    end
  end

endmodule
