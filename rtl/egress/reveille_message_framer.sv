// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Makes frames of the server's key-management messages (docs/architecture.md, "Server messages"), one at a time: takes
// a Wake Up job, or a host message into the message buffer, has the octet sequencer write the frame into the transmit
// buffer, and lets the frame reader send it. docs/timing/egress.md E4 to E9.
//
// Does not queue: whoever comes while it is busy waits. Messages and jobs that wait at the same time take turns.
`include "reveille_assert.svh"

module reveille_message_framer
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  /* verilator lint_off UNUSEDSIGNAL */  // DOIs, versions and policies concern what comes in
  input  server_config_t server_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [7:0]     wake_version_i,
  input  logic           framing_write_i,
  input  logic [5:0]     framing_address_i,
  input  logic [31:0]    framing_data_i,
  input  logic           framing_commit_i,
  output logic           busy_o,

  input  logic           wakeup_valid_i,
  output logic           wakeup_ready_o,
  input  wakeup_t        wakeup_i,

  input  beat_t          message_i,
  output logic           message_ready_o,
  output logic           message_error_o,  // one cycle for each message or Wake Up dropped

  output beat_t          frame_o,
  input  logic           frame_ready_i
);

  // A bit of each state
  typedef struct packed {
    logic idle;
    logic fill;
    logic measure;  // Check, in four cycles
    logic family;
    logic decide;
    logic judge;
    logic frame;
  } state_t;

  typedef logic [OctetCountWidth-1:0] index_t;

  localparam index_t FirstLast = index_t'(HostHeaderOctets);
  localparam index_t LastLast  = index_t'(HostHeaderOctets + MaxPayloadOctets - 1);

  // Which state, and whose turn
  // ----------------------------------------------------------------------------------------
  state_t state_q, state_d;
  logic message_q;                            // what is framed, or was last: a host message, else a Wake Up
  logic start, done_q;                        // start: cycle s-1
  logic waits, take_job, take_message, fill, filled, good_q, done;
  logic [Ipv4Addresses-1:0] ipv4_chosen;  // by the end of Decide: whose address the frame has, if it is good
  logic [Ipv6Addresses-1:0] ipv6_chosen;

  // Of what waits something is always taken.
  assign waits           = wakeup_valid_i || message_i.valid;
  assign busy_o          = !state_q.idle;
  assign wakeup_ready_o  = state_q.idle && (!message_i.valid || message_q);
  assign take_job        = wakeup_ready_o && wakeup_valid_i;
  assign take_message    = state_q.idle && message_i.valid && !(wakeup_valid_i && message_q);
  assign message_ready_o = state_q.fill;
  assign fill            = message_i.valid && state_q.fill;
  assign filled          = fill && message_i.last;
  assign message_error_o = state_q.judge && !good_q;
  assign start           = good_q;

  assign state_d = '{
      idle: (state_q.idle && !waits) || message_error_o || done_q,
      fill: take_message || (state_q.fill && !filled),
      measure: take_job || filled,
      family: state_q.measure,
      decide: state_q.family,
      judge: state_q.decide,
      frame: start || (state_q.frame && !done_q)
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= '{idle: 1'b1, default: 1'b0};
      message_q <= 1'b1;
      good_q    <= 1'b0;
      done_q    <= 1'b0;
    end else begin
      state_q <= state_d;
      good_q  <= |{ipv4_chosen, ipv6_chosen};
      if (state_q.idle && waits) message_q <= take_message;
      done_q  <= done;
    end
  end

  // Taking: a job as it is, a message beat by beat
  // -----------------------------------------------------------------------
  logic [2:0] hop_q, source_q;
  logic doi_q;                                // of a job, as the nonce
  nonce_t nonce_q;
  address_t client_q;                         // of a job in the cycle behind w, else 0
  logic [BufferAddressWidth-1:0] beat_q;      // of the host message, modulo 256
  logic [2:0] beat_is_q;                      // one bit a beat for the first three
  logic too_long_q;                           // 256 beats or more
  index_t message_last_q;                     // index of its last octet
  logic [5:0] job_mapped_q, message_mapped_q; // 16 bits each of the client's address are as in an IPv4-mapped one

  // The highest octet that a beat holds; keep has no gaps.
  function automatic logic [2:0] highest(logic [KeepWidth-1:0] keep);
    logic [2:0] index = '0;
    for (int unsigned i = 1; i < KeepWidth; i++) if (keep[i]) index = 3'(i);
    return index;
  endfunction

  always_ff @(posedge clk_i) begin
    if (state_q.idle) begin
      beat_q     <= '0;
      beat_is_q  <= 3'b001;
      too_long_q <= 1'b0;
    end else if (fill) begin
      beat_q    <= beat_q + 1'b1;
      beat_is_q <= beat_is_q << 1;
      if (beat_q == '1) too_long_q <= 1'b1;
    end
    if (fill) message_last_q <= {beat_q, highest(message_i.keep)};
  end

  always_ff @(posedge clk_i) begin
    if (state_q.idle) begin
      {hop_q, source_q} <= {wakeup_i.hop, wakeup_i.source};
      {doi_q, nonce_q}  <= {wakeup_i.doi, wakeup_i.nonce};
    end
    client_q <= take_job ? wakeup_i.client : '0;
    if (state_q.measure)
      for (int unsigned i = 0; i < 6; i++)
        job_mapped_q[5-i] <= client_q[32+16*i +: 16] == (i == 0 ? 16'hFFFF : 16'h0);
    if (fill && beat_is_q[0])
      for (int unsigned i = 0; i < 4; i++) message_mapped_q[i] <= message_i.data[16*i +: 16] == 16'h0;
    if (fill && beat_is_q[1])
      message_mapped_q[5:4] <= {message_i.data[31:16] == 16'hFFFF, message_i.data[15:0] == 16'h0};
    if (fill && beat_is_q[2]) {source_q, hop_q} <= {message_i.data[30:28], message_i.data[26:24]};
  end

  // Checking: length and family, and what address of either family the frame would have
  // -----------------------------------------------
  logic long_enough_q, short_enough_q, ipv4_q;
  logic [Ipv4Addresses-1:0] ipv4_choice_q;  // one of them, or none
  logic [Ipv6Addresses-1:0] ipv6_choice_q;

  // The address whose number is wanted, if it is enabled, else the first that is.
  function automatic logic [7:0] choose(logic [7:0] enable, logic [2:0] wanted);
    return enable[wanted] ? 8'd1 << wanted : enable & (~enable + 8'd1);
  endfunction

  always_ff @(posedge clk_i) begin
    long_enough_q  <= !message_q || too_long_q || message_last_q >= FirstLast;
    short_enough_q <= !message_q || (!too_long_q && message_last_q <= LastLast);
    ipv4_q         <= message_q ? &message_mapped_q : &job_mapped_q;
    ipv4_choice_q  <= Ipv4Addresses'(choose(8'(server_i.ipv4_enable), source_q));
    ipv6_choice_q  <= Ipv6Addresses'(choose(8'(server_i.ipv6_enable), source_q));
  end

  assign ipv4_chosen = state_q.decide && long_enough_q && short_enough_q && ipv4_q ? ipv4_choice_q : '0;
  assign ipv6_chosen = state_q.decide && long_enough_q && short_enough_q && !ipv4_q ? ipv6_choice_q : '0;

  // What the frame says of the server
  // -----------------------------------------------
  logic [Ipv4Addresses-1:0] ipv4_left_out_q;  // all but the one chosen, of which this is s-1
  logic [Ipv6Addresses-1:0] ipv6_left_out_q;
  logic [Ipv4Addresses-1:0][31:0] ipv4_source_q;  // the one chosen in s, and 0 else
  address_t [Ipv6Addresses-1:0] ipv6_source_q;
  logic [15:0] port_q;
  logic [7:0] version_q;

  always_ff @(posedge clk_i) begin
    ipv4_left_out_q <= ~ipv4_chosen;
    ipv6_left_out_q <= ~ipv6_chosen;
    for (int unsigned i = 0; i < Ipv4Addresses; i++) ipv4_source_q[i] <= ipv4_left_out_q[i] ? '0 : server_i.ipv4[i];
    for (int unsigned i = 0; i < Ipv6Addresses; i++) ipv6_source_q[i] <= ipv6_left_out_q[i] ? '0 : server_i.ipv6[i];
    if (start) begin
      port_q    <= server_i.port;
      version_q <= wake_version_i;
    end
  end

  // The framing memory's banks: one in use, and one that is written.
  logic bank, bank_q, frame_bank_q;

  assign bank = bank_q ^ framing_commit_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) bank_q <= 1'b0;
    else bank_q <= bank;
  end

  always_ff @(posedge clk_i) begin
    if (start) frame_bank_q <= bank;
  end

  // Into the message buffer: a message's beats, each in the cycle behind it; of a job the client in w+1 and w+2; the
  // server's address in s and s+1; a job's header and nonce in s+2. All but what is written is 0.
  // ----------------------------------------------------------------------
  logic start_q, start_q2, write_q;
  logic [BufferAddressWidth-1:0] write_address_q;
  logic [63:0] beat_data_q, low_half_q, wake_header_q;
  address_t address;

  // The first octet of a word lies in its lowest bits.
  function automatic logic [63:0] word(logic [63:0] octets);
    return {<<8{octets}};
  endfunction

  always_comb begin
    address = client_q;
    for (int unsigned i = 0; i < Ipv4Addresses; i++) address[31:0] |= ipv4_source_q[i];
    for (int unsigned i = 0; i < Ipv6Addresses; i++) address |= ipv6_source_q[i];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q  <= 1'b0;
      start_q2 <= 1'b0;
      write_q  <= 1'b0;
    end else begin
      start_q  <= start;
      start_q2 <= start_q;
      write_q  <= state_q.fill || start || start_q ||  // until a beat comes, whatever is there
                  take_job || (!message_q && (state_q.measure || start_q2));
    end
  end

  always_ff @(posedge clk_i) begin
    beat_data_q   <= state_q.fill ? message_i.data : '0;
    low_half_q    <= address[63:0];
    wake_header_q <= !message_q && start_q2 ?
        word({KmmidWakeUp, doi_q ? DoiSnmp : DoiIpsec, version_q, 8'd0, nonce_q}) : '0;
    if (state_q.fill) write_address_q <= beat_q;
    else if (start) write_address_q <= BufferAddressWidth'(ServerAddress / 8);
    else if (start_q) write_address_q <= BufferAddressWidth'(ServerAddress / 8 + 1);
    else if (start_q2) write_address_q <= BufferAddressWidth'(WakeHeaderAddress / 8);
    else write_address_q <= BufferAddressWidth'(state_q.measure);
  end

  // The frame's octets, and eight of them to a word
  // ----------------------------------------------------------------------
  octet_t octet;
  logic [BufferAddressWidth-1:0] message_address, word_address_q, read_address;
  index_t octets_q, last_octet_q;
  logic [63:0] message_word, word_q, frame_word;
  logic shift, word_valid_q, send, read;

  reveille_octet_sequencer u_sequencer (
    .clk_i,
    .rst_ni,
    .port_i           (port_q),
    .framing_write_i,
    .framing_address_i({!bank, framing_address_i}),
    .framing_data_i,
    .framing_bank_i   (frame_bank_q),
    .start_i          (start),
    .message_i        (message_q),
    .message_last_i   (message_last_q),
    .hop_i            (hop_q),
    .ipv4_i           (ipv4_q),
    .message_address_o(message_address),
    .message_word_i   (message_word),
    .octet_o          (octet)
  );

  // Behind the last octet zeros fill the word.
  assign shift = octet.valid || octets_q[2:0] != 3'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      octets_q     <= '0;
      word_valid_q <= 1'b0;
    end else begin
      if (start) octets_q <= '0;
      else if (shift) octets_q <= octets_q + 1'b1;
      word_valid_q <= shift && octets_q[2:0] == 3'd7;
    end
  end

  always_ff @(posedge clk_i) begin
    if (shift) word_q <= {octet.valid ? octet.data : 8'd0, word_q[63:8]};
    word_address_q <= octets_q[OctetCountWidth-1:3];
    if (octet.valid) last_octet_q <= octets_q;
  end

  reveille_ram #(
    .Width(DataWidth),
    .Depth(1 << BufferAddressWidth)
  ) u_message (
    .clk_i,
    .we_i   (write_q),
    .waddr_i(write_address_q),
    .wdata_i(beat_data_q | word(address[127:64]) | word(low_half_q) | wake_header_q),
    .raddr_i(message_address),
    .rdata_o(message_word)
  );

  reveille_ram #(
    .Width(DataWidth),
    .Depth(1 << BufferAddressWidth)
  ) u_frame (
    .clk_i,
    .we_i   (word_valid_q),
    .waddr_i(word_address_q),
    .wdata_i(word_q),
    .re_i   (read),
    .raddr_i(read_address),
    .rdata_o(frame_word)
  );

  // The reader starts when the last octet leaves the sequencer: a frame has at least eight beats, so it cannot overtake
  // the last word.
  assign send = octet.valid && octet.last;

  reveille_frame_reader u_reader (
    .clk_i,
    .rst_ni,
    .start_i      (send),
    .last_octet_i (last_octet_q),
    .read_o       (read),
    .address_o    (read_address),
    .word_i       (frame_word),
    .frame_o,
    .frame_ready_i,
    .done_o       (done)
  );

  `REVEILLE_ASSERT(OneState, $onehot(state_q))
  `REVEILLE_ASSERT(OneTaken, !(take_job && take_message))
  `REVEILLE_ASSERT(WhatWaitsIsTaken, (state_q.idle && waits) == (take_job || take_message))
  `REVEILLE_ASSERT(StartedWithASource, start == $onehot(~{ipv4_left_out_q, ipv6_left_out_q}))
  `REVEILLE_ASSERT(StartedOnceJudged, start -> state_q.judge)
  `REVEILLE_COVER(Turns, wakeup_valid_i && message_i.valid && state_q.idle && !message_q)

endmodule
