// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_event_log against H14 to H19, H22, H24 and H27 of docs/timing/host.md, to the cycle, and B5 of
// docs/timing.md, from any power-up state, with resets at any time, verdicts of any kind, a session event that waits
// until it is taken, and a host that reads at least five cycles apart. No two verdicts in a row are events: what ends
// in the cycle behind another frame has one beat, and bypasses. One record, any one, is followed from where it is taken
// to the host.
module event_log_proof
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic [16:1] mask_i,
  input verdict_t    verdict_i,
  input logic        lost_i,
  input logic        event_valid_i,
  input event_t      event_i,
  input logic        read_i,
  input logic        realign_i,
  input logic        hide_value_i,
  input logic        pick_i         // this record is followed, if none is
);

  localparam int unsigned IndexWidth = $clog2(EventRecords);

  typedef logic [IndexWidth:0] index_t;  // of a record, among all that are written

  logic         event_ready, empty;
  logic [31:0]  data, dropped;
  event_count_t count;

  reveille_event_log u_block (
    .clk_i,
    .rst_ni,
    .mask_i,
    .verdict_i,
    .lost_i,
    .event_valid_i,
    .event_ready_o(event_ready),
    .event_i,
    .read_i,
    .realign_i,
    .hide_value_i,
    .data_o       (data),
    .count_o      (count),
    .empty_o      (empty),
    .dropped_o    (dropped)
  );

  axi_stream_rules #(
    .Width  ($bits(event_t)),
    .Assumed(1'b1)
  ) u_event (
    .clk_i,
    .rst_ni,
    .valid_i(event_valid_i),
    .ready_i(event_ready),
    .data_i (event_i)
  );

  // H14: an event of the cycle before, and whether it found the slot empty
  logic        is_event, seen_q, found_empty_q, fills, slot_full, drop_seen_q;
  logic [31:0] mask;
  event_t      seen, slot;

  assign mask     = {15'd0, mask_i, 1'b0};
  assign is_event = verdict_i.valid && !lost_i && (verdict_i.guessing || mask[verdict_i.code]);
  assign fills    = seen_q && found_empty_q && !slot_full;

  always_ff @(posedge clk_i) begin
    seen <= '{
      kind:    verdict_i.guessing ? EventGuessing : EventVerdict,
      verdict: verdict_i.code,
      now:     verdict_i.now,
      value:   verdict_i.value,
      client:  verdict_i.source
    };
    if (!slot_full) slot <= seen;
  end

  // H15 to H18: the writer is idle, in i+1 to i+4 of a record, or lets an event go that finds no room.
  logic [2:0] step;
  logic       drops, last_slot, takes_slot, takes_session, has_room, ends, lets_go;
  event_t     taken;
  index_t     written, read_index;
  logic [2:0] word;

  assign takes_slot    = step == '0 && !drops && slot_full && !(event_valid_i && last_slot);
  assign takes_session = step == '0 && !drops && event_valid_i && !(slot_full && !last_slot);
  assign taken         = takes_slot ? slot : event_i;
  assign has_room      = count < event_count_t'(taken.kind == EventVerdict && takes_slot ? EventRecords - EventReserve :
                                                EventRecords);
  assign ends          = step == 3'd4;
  assign lets_go       = ends || drops;

  // H19, H24
  logic pops, last_word;

  assign last_word = read_i && count != '0 && word == 3'd7;
  assign pops      = last_word || (realign_i && word != '0);

  // Every event that there was, those that are logged and those that are counted as dropped
  logic [31:0] given, logged, counted;
  logic [3:0]  session_waits;  // cycles in which it has been offered

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      seen_q        <= 1'b0;
      found_empty_q <= 1'b0;
      slot_full     <= 1'b0;
      drop_seen_q   <= 1'b0;
      step          <= '0;
      drops         <= 1'b0;
      last_slot     <= 1'b0;
      written       <= '0;
      read_index    <= '0;
      word          <= '0;
      session_waits <= '0;
      given         <= '0;
      logged        <= '0;
      counted       <= '0;
    end else begin
      seen_q        <= is_event;
      found_empty_q <= !slot_full;
      slot_full     <= slot_full ? !(lets_go && last_slot) : fills;
      drop_seen_q   <= seen_q && !fills;
      if (takes_slot || takes_session) last_slot <= takes_slot;
      drops      <= (takes_slot || takes_session) && !has_room;
      step       <= step != '0 ? (ends ? '0 : step + 1'b1) : {2'b00, (takes_slot || takes_session) && has_room};
      written    <= written + index_t'(ends);
      read_index <= read_index + index_t'(pops);
      if (realign_i) word <= '0;
      else if (read_i && count != '0) word <= word + 1'b1;
      session_waits <= event_valid_i && !event_ready ? session_waits + 1'b1 : '0;
      given   <= given + 32'(seen_q) + 32'(event_valid_i && event_ready);
      logged  <= logged + 32'(ends);
      counted <= counted + 32'(drop_seen_q) + 32'(drops);
    end
  end

  // The record that is followed. The word that comes next is in memory, and has been asked for, for so many cycles.
  logic       started_q = 1'b0, follows, picks, in_memory, is_next;
  event_t     followed;
  index_t     place;
  logic [1:0] asked;
  logic [4:1] reads_q;
  logic [2:1] hides_q;

  assign picks     = pick_i && !follows && (takes_slot || takes_session) && has_room;
  assign is_next   = follows && place == read_index;
  assign in_memory = count != '0 || step >= 3'd2;

  function automatic logic [7:0][31:0] words(event_t record);
    return {record.client[31:0], record.client[63:32], record.client[95:64], record.client[127:96], record.value,
            12'd0, record.now[51:32], record.now[31:0], 19'd0, record.verdict, 5'd0, record.kind};
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      follows <= 1'b0;
      asked   <= '0;
      reads_q <= '0;
    end else begin
      if (picks) follows <= 1'b1;
      else if (is_next && pops) follows <= 1'b0;
      reads_q <= {reads_q[3:1], read_i || realign_i};
      if (read_i || realign_i || !in_memory) asked <= '0;
      else if (asked != 2'd3) asked <= asked + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    hides_q   <= {hides_q[1], hide_value_i};
    if (picks) begin
      followed <= taken;
      place    <= written;
    end
  end

  logic [31:0] right;

  assign right = hides_q[2] && word == 3'd3 ? '0 : words(followed)[word];

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (!(seen_q && is_event));
    assume (!(|reads_q && (read_i || realign_i)));
    if (rst_ni) begin
      counts_records: assert (count == event_count_t'(written - read_index) && empty == (count == '0));
      never_overfull: assert (count <= event_count_t'(EventRecords));
      takes_session_in_turn: assert (event_ready == (lets_go && !last_slot));
      session_in_time: assert (session_waits < 4'd10);  // B5
      counts_the_dropped: assert (dropped == counted);
      nothing_uncounted: assert (given == logged + dropped + 32'(slot_full) + 32'(drop_seen_q));
      reserve_is_kept: assert (!(ends && last_slot && slot.kind == EventVerdict) ||
                               count < event_count_t'(EventRecords - EventReserve));
      no_event_lost_with_room: assert (!(drops && !last_slot) || count >= event_count_t'(EventRecords - 1));
      reads_what_was: assert (!(read_i && is_next && count != '0) || data == right);
      reads_zero_of_none: assert (!(read_i && count == '0) || data == '0);
      is_full: cover (count == event_count_t'(EventRecords) && drops && !last_slot);
      keeps_the_reserve: cover (drops && last_slot && slot.kind == EventVerdict &&
                                count != event_count_t'(EventRecords));
      session_waits_long: cover (event_ready && session_waits == 4'd9);
      both_dropped: cover (drops && drop_seen_q);
      takes_turns: cover (ends && !last_slot && slot_full && place == '0 && follows);
      read_last: cover (is_next && last_word && followed.client[31:16] == 16'hCAFE);
      realigns: cover (realign_i && word == 3'd5 && is_next && event_valid_i);
    end
  end

  // What holds of the block's registers: with it the above follows from one cycle to the next.
  index_t           ahead;
  logic [3:0][63:0] stored;
  logic [3:0]       there;       // its words, those that are written
  logic             is_written;  // the record that is followed, in this cycle

  assign ahead      = place - read_index;
  assign stored     = words(followed);
  assign is_written = follows && place == written;

  always_comb begin
    for (int unsigned i = 0; i < 4; i++) begin
      there[i] = (is_written && step <= 3'(i + 1)) ||
                 u_block.u_records.memory[{place[IndexWidth-1:0], 2'(i)}] == stored[i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      slot_agrees: assert (u_block.slot_free_q == !slot_full && (!slot_full || u_block.slot_q == slot) &&
                           u_block.verdict_event == seen_q && (!seen_q || u_block.verdict_q == seen));
      found_agrees: assert (!seen_q || u_block.free_q == found_empty_q);
      writer_agrees: assert (u_block.idle_q == (step == '0 && !drops) && u_block.slot_last_q == last_slot &&
                             u_block.writing_q == (step != '0) && u_block.done_q == ends &&
                             u_block.slot_step_q == (last_slot && step != '0 ? 4'b1 << (step - 3'd1) : '0) &&
                             u_block.session_step_q == (!last_slot && step != '0 ? 4'b1 << (step - 3'd1) : '0) &&
                             u_block.drop_slot_q == (drops && last_slot) &&
                             u_block.drop_session_q == (drops && !last_slot) && u_block.drop_seen_q == drop_seen_q &&
                             step <= 3'd4 && !(drops && step != '0));
      goes_on: assert ((step == '0 && !drops) || (last_slot ? slot_full : event_valid_i));
      waits_agree: assert (session_waits <= (last_slot ? (step != '0 ? 4'(step) : drops ? 4'd1 : 4'd5) :
                                             step != '0 ? 4'd5 + 4'(step) : drops ? 4'd6 : 4'd0));
      pointers_agree: assert (u_block.write_q == {written[IndexWidth-1:0], step == '0 ? 2'd0 : 2'(step - 3'd1)} &&
                              u_block.read_q == {read_index[IndexWidth-1:0], word});
      begun_is_there: assert (word == '0 || count != '0);
      word_agrees: assert (reads_q[1] ||
                           (u_block.begun_q == (word != '0) && u_block.last_word_q == (word == 3'd7)));
      if (follows) begin
        in_range: assert (is_written ? step != '0 : ahead < count);
        of_its_event: assert (!is_written || followed == (last_slot ? slot : event_i));
        is_being_written: assert (!is_written || u_block.written == stored[2'(step - 3'd1)]);
        is_in_memory: assert (&there);
        if (is_next) begin
          is_inside: assert (asked < 2'd1 || u_block.u_records.read_q == stored[word[2:1]]);
          is_read: assert (asked < 2'd2 || u_block.ram_word == stored[word[2:1]]);
          is_there: assert (asked < 2'd3 || u_block.word_q == right || count == '0);
        end
      end
      asked_long_enough: assert (|reads_q || asked == 2'd3 || count == '0);
      hides_as_told: assert (reads_q[1] || u_block.hides_q == (hides_q[1] && word == 3'd3));
    end
  end

endmodule
