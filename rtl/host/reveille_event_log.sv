// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Log of what the host should know of: records of 8 words (docs/architecture.md, "Events and counters").
// docs/timing/host.md H14 to H19, H22, H24, H27. A verdict event waits in a slot, a session event at event_valid_i;
// when both wait, they take turns. Either stays where it is until it is written.
//
// Drops, and counts, what finds no room: the slot full, or the log; a flood of verdict events leaves the last
// EventReserve records to the others.
`include "reveille_assert.svh"

module reveille_event_log
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [16:1] mask_i,
  input  verdict_t    verdict_i,
  input  logic        lost_i,

  input  logic        event_valid_i,
  output logic        event_ready_o,
  input  event_t      event_i,

  input  logic        read_i,
  input  logic        realign_i,
  input  logic        hide_value_i,     // the fourth word of a record reads 0
  output logic [31:0] data_o,           // the next word, 0 when the log is empty; four cycles after a read, or later
  output event_count_t count_o,
  output logic        empty_o,
  output logic [31:0] dropped_o
);

  localparam int unsigned VerdictRecords = EventRecords - EventReserve;
  localparam int unsigned AddressWidth = $clog2(EventRecords) + 2;

  // The slot: takes a verdict of c while it is free, and keeps it from c+2 on if in c+1 it proves to be an event
  // ---------------
  logic seen_q;                         // a verdict of the cycle before
  logic [1:0] masked_q;                 // what the mask says of its code, of those below 8 and below 16
  logic others_q;                       // it is to be logged for another reason
  logic slot_free_q;                    // in this cycle; its own register, for it enables all of the slot
  logic free_q;                         // in the cycle before, so the slot has taken that verdict
  logic slot_full, verdict_event, let_slot_go;
  event_t verdict_q, slot_q;
  logic [31:0] mask;

  assign mask          = {15'd0, mask_i, 1'b0};
  assign verdict_event = seen_q && (|masked_q || others_q);
  assign slot_full     = !slot_free_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      seen_q      <= 1'b0;
      free_q      <= 1'b0;
      slot_free_q <= 1'b1;
    end else begin
      seen_q      <= verdict_i.valid && !lost_i;
      free_q      <= slot_free_q && !verdict_event;
      slot_free_q <= slot_free_q ? !(verdict_event && free_q) : let_slot_go;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < 2; i++) begin
      masked_q[i] <= mask[{2'(i), verdict_i.code[2:0]}] && verdict_i.code[4:3] == 2'(i);
    end
    others_q <= verdict_i.guessing || (verdict_i.code[4] && mask[{1'b1, verdict_i.code[3:0]}]);
    verdict_q <= '{
      kind:    verdict_i.guessing ? EventGuessing : EventVerdict,
      verdict: verdict_i.code,
      now:     verdict_i.now,
      value:   verdict_i.value,
      client:  verdict_i.source
    };
    if (slot_free_q) slot_q <= verdict_q;
  end

  // The writer: takes an event when it is idle, then writes four words of 64 bits
  // --------------------------------------
  logic idle_q, writing_q, slot_last_q;  // slot_last_q: of the events the last one taken was the slot's
  logic take_slot, take_session, room, slot_room, pop;
  logic done_q;                          // the last word is being written
  logic [3:0] slot_step_q, session_step_q;  // the word to write
  logic drop_slot_q, drop_session_q, drop_seen_q, drop_taken;
  logic [AddressWidth-1:0] write_q, read_address;
  logic [63:0] slot_early_q, slot_late_q, session_early_q, session_late_q;  // one is the word to write, the others 0
  logic [63:0] written;
  logic idle_d;

  assign take_slot     = idle_q && slot_full && !(event_valid_i && slot_last_q);
  assign take_session  = idle_q && event_valid_i && (!slot_full || slot_last_q);
  assign room          = count_o < event_count_t'(EventRecords);
  assign slot_room     = slot_q.kind == EventVerdict ? count_o < event_count_t'(VerdictRecords) : room;
  assign drop_taken    = drop_slot_q || drop_session_q;
  assign let_slot_go   = slot_step_q[3] || drop_slot_q;
  assign event_ready_o = session_step_q[3] || drop_session_q;
  assign idle_d        = idle_q ? !(slot_full || event_valid_i) : done_q || drop_taken;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      idle_q         <= 1'b1;
      writing_q      <= 1'b0;
      slot_last_q    <= 1'b0;
      slot_step_q    <= '0;
      session_step_q <= '0;
      drop_slot_q    <= 1'b0;
      drop_session_q <= 1'b0;
      drop_seen_q    <= 1'b0;
      done_q         <= 1'b0;
      write_q        <= '0;
      count_o        <= '0;
      empty_o        <= 1'b1;
      dropped_o      <= '0;
    end else begin
      idle_q    <= idle_d;
      writing_q <= writing_q ? !done_q : (take_slot && slot_room) || (take_session && room);
      if (take_slot || take_session) slot_last_q <= take_slot;
      slot_step_q    <= {slot_step_q[2:0], take_slot && slot_room};
      session_step_q <= {session_step_q[2:0], take_session && room};
      drop_slot_q    <= take_slot && !slot_room;
      drop_session_q <= take_session && !room;
      drop_seen_q    <= verdict_event && !free_q;
      done_q         <= slot_step_q[2] || session_step_q[2];
      if (writing_q) write_q <= write_q + 1'b1;
      if (done_q != pop) count_o <= count_o + {{$bits(event_count_t) - 1{pop}}, 1'b1};
      if (done_q) empty_o <= 1'b0;
      else if (pop) empty_o <= count_o == event_count_t'(1);
      dropped_o <= dropped_o + 32'({drop_seen_q && drop_taken, drop_seen_q != drop_taken});
    end
  end

  function automatic logic [3:0][63:0] words(event_t record);
    return {
      record.client[31:0], record.client[63:32],
      record.client[95:64], record.client[127:96],
      record.value, 12'd0, record.now[51:32],
      record.now[31:0], 19'd0, record.verdict, 5'd0, record.kind
    };
  endfunction

  logic [3:0][63:0] slot_words, session_words;

  assign slot_words    = words(slot_q);
  assign session_words = words(event_i);

  function automatic logic [63:0] word_if(logic chosen, logic [63:0] word);
    return {64{chosen}} & word;
  endfunction

  always_ff @(posedge clk_i) begin
    slot_early_q    <= word_if(take_slot, slot_words[0]) | word_if(slot_step_q[0], slot_words[1]);
    slot_late_q     <= word_if(slot_step_q[1], slot_words[2]) | word_if(slot_step_q[2], slot_words[3]);
    session_early_q <= word_if(take_session, session_words[0]) | word_if(session_step_q[0], session_words[1]);
    session_late_q  <= word_if(session_step_q[1], session_words[2]) | word_if(session_step_q[2], session_words[3]);
  end

  assign written = slot_early_q | slot_late_q | session_early_q | session_late_q;

  // The reader: asks for the word that comes next all the time
  // -----------------------------------------------------------
  localparam logic [2:0] ValueWord = 3'd3, LastWord = 3'd7;

  logic [AddressWidth:0] read_q;        // in words of 32 bits
  logic [63:0] ram_word;
  logic [31:0] word_q;
  logic read, begun_q, last_word_q;     // words of the record have been read, all but one
  logic hides_q;                        // the word that comes next is a value, and reads 0

  assign read         = read_i && !empty_o;
  assign pop          = (realign_i && begun_q) || (read_i && last_word_q);
  assign read_address = read_q[AddressWidth:1];
  assign data_o       = word_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q <= '0;
    end else begin
      if (realign_i) read_q[2:0] <= '0;
      else if (read) read_q[2:0] <= read_q[2:0] + 1'b1;
      if (pop) read_q[AddressWidth:3] <= read_q[AddressWidth:3] + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    begun_q     <= read_q[2:0] != '0;
    last_word_q <= read_q[2:0] == LastWord;
    hides_q     <= hide_value_i && read_q[2:0] == ValueWord;
    // A word that is written is there in the cycle in which its record counts.
    if ((empty_o && !done_q) || hides_q) word_q <= '0;
    else word_q <= read_q[0] ? ram_word[63:32] : ram_word[31:0];
  end

  reveille_ram #(
    .Width(64),
    .Depth(EventRecords * 4)
  ) u_records (
    .clk_i,
    .we_i   (writing_q),
    .waddr_i(write_q),
    .wdata_i(written),
    .raddr_i(read_address),
    .rdata_o(ram_word)
  );

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.oversize};

  `REVEILLE_ASSERT(CountInRange, count_o <= event_count_t'(EventRecords))
  `REVEILLE_ASSERT(EmptyIsNone, empty_o == (count_o == '0))
  `REVEILLE_ASSERT(OneAtATime, $onehot({idle_q, slot_step_q, session_step_q, drop_slot_q, drop_session_q}))
  `REVEILLE_ASSERT(WritingAWord, writing_q == |{slot_step_q, session_step_q})
  `REVEILLE_ASSERT(TakenByOne, !(take_slot && take_session))
  `REVEILLE_ASSERT_APART(ReadsApart, 4, read_i || realign_i)
  `REVEILLE_ASSERT_STAYS(EventStays, event_valid_i, event_ready_o, event_i)
  `REVEILLE_COVER(BothDropped, drop_seen_q && drop_taken)

endmodule
