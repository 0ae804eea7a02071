// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Log of what the host should know of: 128 records of 8 words (docs/architecture.md, "Events and counters").
// docs/timing/host.md H14 to H19, H22, H24. A verdict event waits in a slot, a session event at event_valid_i; when
// both wait, they take turns.
//
// Drops, and counts, what finds no room: the slot full, or the log; a flood of verdict events leaves the last 32
// records to the others.
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
  output logic [7:0]  count_o,
  output logic        empty_o,
  output logic [31:0] dropped_o
);

  localparam int unsigned Records = 128;
  localparam int unsigned VerdictRecords = 96;
  localparam int unsigned AddressWidth = $clog2(Records) + 2;

  // The slot: a verdict of c is looked at in c+1, and waits from c+2 on
  // ------------------------------------------------
  logic seen_q, slot_full_q, verdict_event, take_slot;
  event_t seen_event_q, slot_q;
  logic [31:0] mask;

  assign mask          = {15'd0, mask_i, 1'b0};
  assign verdict_event = seen_q && (seen_event_q.kind == EventGuessing || mask[seen_event_q.verdict]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      seen_q      <= 1'b0;
      slot_full_q <= 1'b0;
    end else begin
      seen_q      <= verdict_i.valid && !lost_i;
      slot_full_q <= slot_full_q ? !take_slot : verdict_event;
    end
  end

  always_ff @(posedge clk_i) begin
    seen_event_q <= '{
      kind:    verdict_i.guessing ? EventGuessing : EventVerdict,
      verdict: verdict_i.code,
      now:     verdict_i.now,
      value:   verdict_i.value,
      client:  verdict_i.source
    };
    if (!slot_full_q) slot_q <= seen_event_q;
  end

  // The writer: takes an event when it is idle, then writes four words of 64 bits
  // --------------------------------------
  logic idle_q, slot_last_q;            // slot_last_q: of the events the last one taken was the slot's
  logic take_session, room, take_room, start, done, pop;
  logic [1:0] drop_q;                   // by the slot, by the writer
  logic [3:0] step_q;                   // the word to write
  logic [AddressWidth-1:0] write_q, read_address;
  event_t record_q;
  logic [3:0][63:0] words;
  logic [63:0] word;

  assign event_ready_o = idle_q && (!slot_full_q || slot_last_q);
  assign take_session  = event_ready_o && event_valid_i;
  assign take_slot     = idle_q && slot_full_q && !(event_valid_i && slot_last_q);
  assign room          = count_o < 8'(Records);
  assign take_room     = take_slot && slot_q.kind == EventVerdict ? count_o < 8'(VerdictRecords) : room;
  assign start         = (take_slot || take_session) && take_room;
  assign done          = step_q[3];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      idle_q      <= 1'b1;
      slot_last_q <= 1'b0;
      step_q      <= '0;
      drop_q      <= '0;
      write_q     <= '0;
      count_o     <= '0;
      empty_o     <= 1'b1;
      dropped_o   <= '0;
    end else begin
      idle_q <= idle_q ? !start : done;
      if (take_slot || take_session) slot_last_q <= take_slot;
      step_q    <= {step_q[2:0], start};
      drop_q    <= {verdict_event && slot_full_q, (take_slot || take_session) && !take_room};
      if (!idle_q) write_q <= write_q + 1'b1;
      count_o   <= count_o + 8'(done) - 8'(pop);
      empty_o   <= !done && (empty_o || (pop && count_o == 8'd1));
      dropped_o <= dropped_o + 32'(drop_q[0]) + 32'(drop_q[1]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (idle_q) record_q <= take_slot ? slot_q : event_i;
  end

  assign words = {
    record_q.client[31:0], record_q.client[63:32],
    record_q.client[95:64], record_q.client[127:96],
    record_q.value, 12'd0, record_q.now[51:32],
    record_q.now[31:0], 19'd0, record_q.verdict, 5'd0, record_q.kind
  };

  always_comb begin
    word = '0;
    for (int unsigned i = 0; i < 4; i++) word |= {64{step_q[i]}} & words[i];
  end

  // The reader: asks for the word that comes next all the time
  // -----------------------------------------------------------
  localparam logic [2:0] ValueWord = 3'd3, LastWord = 3'd7;

  logic [AddressWidth:0] read_q;        // in words of 32 bits
  logic [63:0] ram_word;
  logic [31:0] word_q;
  logic read, realign;

  assign read         = read_i && !empty_o;
  assign realign      = realign_i && read_q[2:0] != '0;
  assign pop          = realign || (read && read_q[2:0] == LastWord);
  assign read_address = read_q[AddressWidth:1];
  assign data_o       = empty_o ? '0 : word_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q <= '0;
    end else begin
      if (realign) read_q[2:0] <= '0;
      else if (read) read_q[2:0] <= read_q[2:0] + 1'b1;
      if (pop) read_q[AddressWidth:3] <= read_q[AddressWidth:3] + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (hide_value_i && read_q[2:0] == ValueWord) word_q <= '0;
    else word_q <= read_q[0] ? ram_word[63:32] : ram_word[31:0];
  end

  reveille_ram #(
    .Width(64),
    .Depth(Records * 4)
  ) u_records (
    .clk_i,
    .we_i   (!idle_q),
    .waddr_i(write_q),
    .wdata_i(word),
    .raddr_i(read_address),
    .rdata_o(ram_word)
  );

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.oversize};

  `REVEILLE_ASSERT(CountInRange, count_o <= 8'(Records))
  `REVEILLE_ASSERT(EmptyIsNone, empty_o == (count_o == '0))
  `REVEILLE_ASSERT(OneWordAtATime, $onehot0(step_q) && idle_q == (step_q == '0))
  `REVEILLE_ASSERT(TakenByOne, !(take_slot && take_session))
  `REVEILLE_ASSERT(ReadsApart, read_i || realign_i |=> !(read_i || realign_i) [*4])
  `REVEILLE_COVER(BothDropped, drop_q == '1)

endmodule
