// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store and forward towards the host: a frame's beats wait until its verdict, then they are committed or rolled back,
// and a dropped frame costs the host nothing. A frame that does not fit is overrun, whole; one of those that anybody
// can send at will (bypass, client_initiated) has to leave the reserve free (docs/timing/ingress.md, "Frame buffer",
// I5, I6).
//
// A beat passes through two cycles: in the one in which it leaves the delay it is decided from registers whether there
// is room, and of a frame's last beat whether the frame is lost; in the next one it is written, and its frame committed
// or rolled back. A word of the memory is a beat, in a frame's last one with which of the verdicts that pass.
`include "reveille_assert.svh"

module reveille_frame_buffer
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 valid_i,    // a beat leaves the delay
  input  logic                 ends_i,     // ... and is its frame's last
  input  logic [2:0]           octets_i,   // in the next cycle: how many, less one,
  input  logic [DataWidth-1:0] data_i,     // and which
  input  verdict_t             verdict_i,  // beside ends_i; pass and oversize are 0 while not valid
  input  logic                 yields_i,   // one that passes has to leave the reserve free
  output logic                 frame_lost_o,
  output logic                 refused_o,  // T+14, from a register: what passes is lost, whether it yields or not

  output logic                 host_valid_o,
  input  logic                 host_ready_i,
  output logic [DataWidth-1:0] host_data_o,
  output logic [KeepWidth-1:0] host_keep_o,
  output logic                 host_last_o,
  output logic [4:0]           host_user_o
);

  localparam int unsigned AddressWidth = $clog2(FrameBufferBeats);

  typedef logic [AddressWidth:0] pointer_t;  // one bit more than an address, so that full and empty differ

  localparam pointer_t Full = pointer_t'(FrameBufferBeats - 4);  // beats of the last cycles are not counted yet
  localparam pointer_t Wide = pointer_t'(FrameBufferBeats - FrameBufferReserve);

  typedef struct packed {
    logic [4:1]           verdict;  // 0 unless last
    logic                 last;
    logic [2:0]           octets;   // less one
    logic [DataWidth-1:0] data;
  } word_t;

  // Bit 0 of a verdict that passes follows from the others.
  function automatic logic [4:0] whole_verdict(logic [4:1] upper);
    return {upper, upper[3] && !upper[1]};
  endfunction

  // First cycle: is there room?
  logic refuses_q;  // this beat, if one comes, is not written: full, or an earlier one of its frame was refused
  logic wide_q;     // ... would make its frame wide, or an earlier one has
  logic no_room;

  assign no_room      = refuses_q || (wide_q && yields_i);
  assign frame_lost_o = verdict_i.oversize || (verdict_i.pass && no_room);

  // Second cycle: what is done with it. Where the next beat goes, where its frame began, and how much the host has had.
  pointer_t   tail_q, next_tail, committed_q, handed_over_q, occupied_q;
  logic       writes_q, ends_q, commits_q, hands_over_q;
  logic       offers_header;  // which is no beat of the buffer's
  logic [4:1] verdict_q;

  assign next_tail = tail_q + 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      writes_q      <= 1'b0;
      ends_q        <= 1'b0;
      commits_q     <= 1'b0;
      hands_over_q  <= 1'b0;
      tail_q        <= '0;
      committed_q   <= '0;
      handed_over_q <= '0;
      occupied_q    <= '0;
    end else begin
      writes_q     <= valid_i && !refuses_q;
      ends_q       <= ends_i;
      commits_q    <= verdict_i.pass && !verdict_i.oversize && !no_room;
      if (ends_q && !commits_q) tail_q <= committed_q;
      else if (writes_q)        tail_q <= next_tail;
      if (commits_q) committed_q <= next_tail;
      hands_over_q <= host_valid_o && host_ready_i && !offers_header;
      if (hands_over_q) handed_over_q <= handed_over_q + 1'b1;
      occupied_q <= tail_q - handed_over_q;
    end
  end

  always_ff @(posedge clk_i) verdict_q <= ends_i ? verdict_i.code[4:1] : '0;

  // Room for the beat of the cycle to come
  logic overrun_q, overrun_d, was_wide_q, was_wide_d;  // so far, of the frame under way
  logic refuses_d;

  always_comb begin
    overrun_d  = overrun_q;
    was_wide_d = was_wide_q;
    if (valid_i) begin
      overrun_d  = refuses_q && !ends_i;
      was_wide_d = wide_q && !ends_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      overrun_q  <= 1'b0;
      was_wide_q <= 1'b0;
      refuses_q  <= 1'b0;
      wide_q     <= 1'b0;
    end else begin
      overrun_q  <= overrun_d;
      was_wide_q <= was_wide_d;
      refuses_q  <= refuses_d;
      wide_q     <= was_wide_d || occupied_q >= Wide;
    end
  end

  assign refuses_d = overrun_d || occupied_q >= Full;

  // The same for the session store, which is far: not refuses_q itself, and without its reset synthesis keeps it apart.
  always_ff @(posedge clk_i) refused_o <= refuses_d;

  // Reading: a word is asked for, is in the memory, is at its output, is offered or spare; each place takes one as soon
  // as the next one is or becomes free. What is written of a refused or dropped frame lies behind the tail: nobody
  // reads it.
  pointer_t read_q;
  word_t    written, read, spare_q, next_word;
  logic     drained, waits, inside_q, read_valid_q, spare_valid_q;
  logic     spare_free_q;  // its complement, for control: spare_valid_q selects all the data
  logic     inside_moves, read_moves, offer_moves;

  reveille_equal #(
    .Width($bits(pointer_t))
  ) u_drained (
    .a_i    (read_q),
    .b_i    (committed_q),
    .equal_o(drained)
  );

  // A28: a frame's header goes before its first beat. The verdicts of the frames lie at the addresses of their first
  // beats, and are read beside them.
  localparam logic [7:0] HeaderVersion = 8'd1;

  logic                 leads, word_moves;  // a header is offered before the next word; that is
  logic [DataWidth-1:0] header;
  logic [4:1]           next_verdict;

  assign header = DataWidth'({HeaderVersion, 3'd0, whole_verdict(next_verdict)});

  if (InBandHeader) begin : gen_header
    logic       led_q;     // the frame of the next word has had its header
    logic       offers_q;  // it is that which is offered
    logic [4:1] verdict_read, spare_verdict_q;

    reveille_ram #(
      .Width(4),
      .Depth(FrameBufferBeats)
    ) u_verdicts (
      .clk_i,
      .we_i   (commits_q),
      .waddr_i(committed_q[AddressWidth-1:0]),
      .wdata_i(verdict_q),
      .re_i   (inside_moves),
      .oe_i   (read_moves),
      .raddr_i(read_q[AddressWidth-1:0]),
      .rdata_o(verdict_read)
    );

    always_ff @(posedge clk_i) begin
      if (!spare_valid_q) spare_verdict_q <= verdict_read;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        led_q    <= 1'b0;
        offers_q <= 1'b0;
      end else if (offer_moves) begin
        if (!spare_free_q || read_valid_q) led_q <= leads || !next_word.last;
        offers_q <= leads;
      end
    end

    assign offers_header = offers_q;
    assign leads         = !led_q && (!spare_free_q || read_valid_q);
    assign next_verdict  = spare_valid_q ? spare_verdict_q : verdict_read;
  end else begin : gen_no_header
    assign offers_header = 1'b0;
    assign leads         = 1'b0;
    assign next_verdict  = '0;
  end

  assign word_moves   = offer_moves && !leads;
  assign waits        = !drained;
  assign written      = '{verdict: verdict_q, last: ends_q, octets: octets_i, data: data_i};
  assign read_moves   = !read_valid_q || spare_free_q;
  assign inside_moves = !inside_q || read_moves;
  assign offer_moves  = host_ready_i || !host_valid_o;

  reveille_ram #(
    .Width ($bits(word_t)),
    .Depth (FrameBufferBeats)
  ) u_memory (
    .clk_i,
    .we_i    (writes_q),
    .waddr_i (tail_q[AddressWidth-1:0]),
    .wdata_i (written),
    .re_i    (inside_moves),
    .oe_i    (read_moves),
    .raddr_i (read_q[AddressWidth-1:0]),
    .rdata_o (read)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q        <= '0;
      inside_q      <= 1'b0;
      read_valid_q  <= 1'b0;
      spare_valid_q <= 1'b0;
      spare_free_q  <= 1'b1;
      host_valid_o  <= 1'b0;
    end else begin
      if (inside_moves) begin
        inside_q <= waits;
        if (waits) read_q <= read_q + 1'b1;
      end
      if (read_moves)  read_valid_q <= inside_q;
      if (offer_moves) host_valid_o <= !spare_free_q || read_valid_q;
      spare_valid_q <= !word_moves && (!spare_free_q || read_valid_q);
      spare_free_q  <= word_moves || (spare_free_q && !read_valid_q);
    end
  end

  assign next_word = spare_valid_q ? spare_q : read;

  // Outputs are 0 while not valid.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      host_data_o <= '0;
      host_keep_o <= '0;
      host_last_o <= 1'b0;
      host_user_o <= '0;
    end else if (offer_moves) begin
      host_data_o <= next_word.data;
      host_keep_o <= {KeepWidth{1'b1}} >> (3'd7 - next_word.octets);
      host_last_o <= next_word.last;
      host_user_o <= whole_verdict(next_word.verdict);
      if (spare_free_q && !read_valid_q) begin
        host_data_o <= '0;
        host_keep_o <= '0;
        host_last_o <= 1'b0;
        host_user_o <= '0;
      end
      if (leads) begin
        host_data_o <= header;
        host_keep_o <= '1;
        host_last_o <= 1'b0;
        host_user_o <= '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!spare_valid_q) spare_q <= read;
  end

  // A frame's verdict comes with its last beat (T4, I4), and passes with five of them only.
  `REVEILLE_ASSERT(VerdictWithLastBeat, ends_i == verdict_i.valid)
  `REVEILLE_ASSERT(NothingWithoutVerdict, !verdict_i.valid -> !verdict_i.pass && !verdict_i.oversize)
  `REVEILLE_ASSERT(PassingVerdict, verdict_i.pass -> verdict_i.code inside
      {VerdictBypass, VerdictClientInitiated, VerdictAccepted, VerdictResend, VerdictSaRecovered})
  `REVEILLE_ASSERT(WholeByItsBits, verdict_i.pass -> whole_verdict(verdict_i.code[4:1]) == verdict_i.code)
  `REVEILLE_ASSERT(OrdinaryFramesYield, verdict_i.pass ->
      yields_i == (verdict_i.code inside {VerdictBypass, VerdictClientInitiated}))
  // A beat that is offered stays until it is taken.
  `REVEILLE_ASSERT_STAYS(OfferStands, host_valid_o, host_ready_i, host_data_o)
  `REVEILLE_ASSERT(NeverOverfull, tail_q - handed_over_q <= pointer_t'(FrameBufferBeats))

endmodule
