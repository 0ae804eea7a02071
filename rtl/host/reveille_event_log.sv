// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Log of what the host should know of: 128 records of 8 words (docs/architecture.md, "Events and counters").
// docs/timing/host.md H14 to H19. Verdicts wait in a slot of their own and come first: they cannot be refused; whether
// one is logged is found out there. Session events are taken when event_ready_o is high.
//
// Drops, and counts, what finds no room; a flood of verdict events leaves the last 32 records to session events.
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
  output logic [31:0] data_o,           // the next word, 0 when the log is empty
  output logic [7:0]  count_o,
  output logic        empty_o,
  output logic [31:0] dropped_o
);

  localparam int unsigned Records = 128;
  localparam int unsigned VerdictRecords = 96;
  localparam int unsigned AddressWidth = $clog2(Records) + 2;

  // The slot -----------------------------------------------------------------------------------------------------------
  logic slot_full_q, slot_full_d, slot_open, judged;
  logic due_q, logged_q;            // the slot's verdict may be taken; it is to be logged
  logic lost_q;
  event_t slot_q;
  logic [31:0] mask;
  logic idle_q, idle_d, take_slot;  // of the writer

  assign judged      = verdict_i.valid && verdict_i.code != VerdictBypass;
  assign mask        = {15'd0, mask_i, 1'b0};
  assign take_slot   = idle_q && due_q;
  assign slot_open   = !slot_full_q || take_slot;
  assign slot_full_d = judged || !slot_open;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_full_q   <= 1'b0;
      due_q         <= 1'b0;
      event_ready_o <= 1'b1;
    end else begin
      slot_full_q   <= slot_full_d;
      due_q         <= !slot_open;
      event_ready_o <= idle_d && !slot_full_d;
    end
  end

  // Whatever is on the verdict port may come in: only of what was judged the slot is full.
  always_ff @(posedge clk_i) begin
    if (slot_open) begin
      lost_q <= lost_i;
      slot_q <= '{
        kind:    EventVerdict,
        verdict: verdict_i.code,
        now:     verdict_i.now,
        value:   verdict_i.value,
        client:  verdict_i.source
      };
    end
    if (!due_q) logged_q <= mask[slot_q.verdict] && !lost_q;
  end

  // The writer: four words of 64 bits a record -------------------------------------------------------------------------
  logic log_verdict, log_session, verdict_room, session_room, start, drop_q, done, pop;
  logic [3:0] step_q;               // the word to write
  logic [AddressWidth-1:0] write_q, read_address;
  event_t record_q;
  logic [3:0][63:0] words;
  logic [63:0] word;

  assign log_verdict  = take_slot && logged_q;
  assign log_session  = event_ready_o && event_valid_i;
  assign verdict_room = count_o < 8'(VerdictRecords);
  assign session_room = count_o < 8'(Records);
  assign start        = (log_verdict && verdict_room) || (log_session && session_room);
  assign done         = step_q[3];
  assign idle_d       = idle_q ? !start : done;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      idle_q    <= 1'b1;
      step_q    <= '0;
      drop_q    <= 1'b0;
      write_q   <= '0;
      count_o   <= '0;
      empty_o   <= 1'b1;
      dropped_o <= '0;
    end else begin
      idle_q    <= idle_d;
      step_q    <= {step_q[2:0], start};
      drop_q    <= (log_verdict && !verdict_room) || (log_session && !session_room);
      if (!idle_q) write_q <= write_q + 1'b1;
      count_o   <= count_o + 8'(done) - 8'(pop);
      empty_o   <= !done && (empty_o || (pop && count_o == 8'd1));
      dropped_o <= dropped_o + 32'(drop_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (idle_q) record_q <= due_q ? slot_q : event_i;
  end

  assign words = {
    record_q.client[31:0], record_q.client[63:32],
    record_q.client[95:64], record_q.client[127:96],
    record_q.value, 16'd0, record_q.now[47:32],
    record_q.now[31:0], 19'd0, record_q.verdict, 6'd0, record_q.kind
  };

  always_comb begin
    word = '0;
    for (int unsigned i = 0; i < 4; i++) word |= {64{step_q[i]}} & words[i];
  end

  // The reader: the RAM always shows the word that comes next, for reads are at least three cycles apart ----------------
  logic [AddressWidth:0] read_q;    // in words of 32 bits
  logic [63:0] ram_word;

  assign pop          = read_i && !empty_o && read_q[2:0] == 3'd7;
  assign read_address = read_q[AddressWidth:1];
  assign data_o       = empty_o ? '0 : read_q[0] ? ram_word[63:32] : ram_word[31:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) read_q <= '0;
    else if (read_i && !empty_o) read_q <= read_q + 1'b1;
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

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) judged |-> slot_open);
  assert property (@(posedge clk_i) disable iff (!rst_ni) idle_q == (step_q == '0));
  assert property (@(posedge clk_i) disable iff (!rst_ni) empty_o == (count_o == '0));
  assert property (@(posedge clk_i) disable iff (!rst_ni) count_o <= 8'(Records));
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_i |=> !read_i);
`endif

endmodule
