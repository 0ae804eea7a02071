// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Log of what the host should know of: 128 records of 8 words (docs/architecture.md, "Events and counters").
// docs/timing/host.md H14 to H19. Verdict events wait in a slot of their own and come first: they cannot be refused.
// Session events are taken when event_ready_o is high.
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
  output logic [31:0] dropped_o
);

  localparam int unsigned Records = 128;
  localparam int unsigned VerdictRecords = 96;
  localparam int unsigned AddressWidth = $clog2(Records) + 2;

  // The slot -----------------------------------------------------------------------------------------------------------
  logic slot_full_q, verdict_event;
  event_t slot_q;
  logic [31:0] mask;
  logic [2:0] step_q;               // of the writer: 0 idle, 4 to 1 words left
  logic idle;

  assign mask          = {15'd0, mask_i, 1'b0};
  assign verdict_event = verdict_i.valid && !lost_i && mask[verdict_i.code];
  assign idle          = step_q == 3'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) slot_full_q <= 1'b0;
    else if (verdict_event) slot_full_q <= 1'b1;
    else if (idle) slot_full_q <= 1'b0;
  end

  // Whatever is judged may come in, logged or not: the slot has been emptied by then.
  always_ff @(posedge clk_i) begin
    if (verdict_i.valid && verdict_i.code != VerdictBypass) begin
      slot_q <= '{
        kind:    EventVerdict,
        verdict: verdict_i.code,
        now:     verdict_i.now,
        value:   verdict_i.value,
        client:  verdict_i.source
      };
    end
  end

  // The writer: four words of 64 bits a record -------------------------------------------------------------------------
  logic take, room, write, done;
  logic [AddressWidth-1:0] write_q, read_address;
  event_t record_q;
  logic [63:0] word;
  logic pop;

  assign event_ready_o = idle && !slot_full_q;
  assign take          = idle && (slot_full_q || event_valid_i);
  assign room          = count_o < (slot_full_q ? 8'(VerdictRecords) : 8'(Records));
  assign write         = !idle;
  assign done          = step_q == 3'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q    <= '0;
      write_q   <= '0;
      count_o   <= '0;
      dropped_o <= '0;
    end else begin
      if (take && room) step_q <= 3'd4;
      else if (write) step_q <= step_q - 3'd1;
      if (take && !room) dropped_o <= dropped_o + 32'd1;
      if (write) write_q <= write_q + 1'b1;
      count_o <= count_o + 8'(done) - 8'(pop);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) record_q <= slot_full_q ? slot_q : event_i;
  end

  always_comb begin
    unique case (step_q[1:0])
      2'd0: word = {record_q.now[31:0], 19'd0, record_q.verdict, 6'd0, record_q.kind};
      2'd3: word = {record_q.value, 16'd0, record_q.now[47:32]};
      2'd2: word = {record_q.client[95:64], record_q.client[127:96]};
      2'd1: word = {record_q.client[31:0], record_q.client[63:32]};
    endcase
  end

  // The reader: the RAM always shows the word that comes next, for reads are at least three cycles apart ----------------
  logic [AddressWidth:0] read_q;    // in words of 32 bits
  logic [63:0] ram_word;
  logic empty;

  assign empty        = count_o == 8'd0;
  assign pop          = read_i && !empty && read_q[2:0] == 3'd7;
  assign read_address = read_q[AddressWidth:1];
  assign data_o       = empty ? '0 : read_q[0] ? ram_word[63:32] : ram_word[31:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) read_q <= '0;
    else if (read_i && !empty) read_q <= read_q + 1'b1;
  end

  reveille_ram #(
    .Width(64),
    .Depth(Records * 4)
  ) u_records (
    .clk_i,
    .we_i   (write),
    .waddr_i(write_q),
    .wdata_i(word),
    .raddr_i(read_address),
    .rdata_o(ram_word)
  );

  logic unused_verdict;
  assign unused_verdict = &{verdict_i.pass, verdict_i.oversize};

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   verdict_i.valid && verdict_i.code != VerdictBypass |-> !slot_full_q || idle);
  assert property (@(posedge clk_i) disable iff (!rst_ni) count_o <= 8'(Records));
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_i |=> !read_i);
`endif

endmodule
