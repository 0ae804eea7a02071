// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Makes frames of the server's key-management messages (docs/architecture.md, "Server messages"), one at a time: takes a
// Wake Up job, or a host message into the message buffer, has the octet sequencer write the frame into the transmit
// buffer, and lets the frame reader send it. docs/timing/egress.md E4 to E9.
//
// Does not queue: whoever comes while it is busy waits.
module reveille_message_framer
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  /* verilator lint_off UNUSEDSIGNAL */  // DOIs and versions concern what comes in
  input  server_config_t server_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [7:0]     wake_version_i,
  input  logic           framing_write_i,
  input  logic [5:0]     framing_address_i,
  input  logic [31:0]    framing_data_i,

  input  logic           wakeup_valid_i,
  output logic           wakeup_ready_o,
  input  wakeup_t        wakeup_i,

  input  beat_t          message_i,
  output logic           message_ready_o,
  output logic           message_error_o,  // one cycle for each host message dropped

  output beat_t          frame_o,
  input  logic           frame_ready_i
);

  typedef enum int unsigned {
    Idle,
    Fill,
    Measure,   // Check, first cycle
    Judge,     // and second
    Frame,
    States     // their number
  } state_e;

  typedef logic [OctetCountWidth-1:0] index_t;

  localparam index_t FirstLast = index_t'(HostHeaderOctets);
  localparam index_t LastLast  = index_t'(HostHeaderOctets + MaxPayloadOctets - 1);

  logic [States-1:0] state_q, state_d;        // one of them
  wakeup_t wakeup_q;
  logic message_q;                            // what is framed: a host message
  logic [BufferAddressWidth-1:0] beat_q;      // of the host message, modulo 256
  logic [2:0] beat_is_q;                      // one bit a beat for the first three
  logic too_long_q, length_good_q;            // 256 beats or more; the length allowed
  index_t message_last_q;                     // index of its last octet
  logic [5:0] message_parts_q, wakeup_parts_q;  // 16 bits each of a client's address are as in an IPv4-mapped one
  logic mapped_q, ipv4_q, start_q, done_q;
  logic wake, fill, good, done;

  assign wakeup_ready_o  = state_q[Idle];
  assign message_ready_o = state_q[Fill];
  assign wake            = wakeup_valid_i && state_q[Idle];
  assign fill            = message_i.valid && state_q[Fill];
  assign message_error_o = state_q[Judge] && !good;
  assign good            = length_good_q && (mapped_q ? server_i.ipv4_enable : server_i.ipv6_enable);

  always_comb begin
    state_d          = '0;
    state_d[Idle]    = (state_q[Idle] && !wakeup_valid_i && !message_i.valid) || (state_q[Judge] && !good) ||
                       (done_q && !message_i.valid);
    state_d[Fill]    = (state_q[Idle] && !wakeup_valid_i && message_i.valid) || (done_q && message_i.valid) ||
                       (state_q[Fill] && !(message_i.valid && message_i.last));
    state_d[Measure] = fill && message_i.last;
    state_d[Judge]   = state_q[Measure];
    state_d[Frame]   = wake || (state_q[Judge] && good) || (state_q[Frame] && !done_q);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= States'(1) << Idle;
      start_q <= 1'b0;
      done_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      start_q <= wake || (state_q[Judge] && good);
      done_q  <= done;
    end
  end

  // The highest octet that a beat holds; keep has no gaps.
  function automatic logic [2:0] highest(logic [KeepWidth-1:0] keep);
    logic [2:0] index = '0;
    for (int unsigned i = 1; i < KeepWidth; i++) if (keep[i]) index = 3'(i);
    return index;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!state_q[Fill]) begin
      beat_q     <= '0;
      beat_is_q  <= 3'b001;
      too_long_q <= 1'b0;
    end else if (fill) begin
      beat_q    <= beat_q + 1'b1;
      beat_is_q <= beat_is_q << 1;
      if (beat_q == '1) too_long_q <= 1'b1;
    end
    if (fill) message_last_q <= {beat_q, highest(message_i.keep)};
    length_good_q <= !too_long_q && message_last_q >= FirstLast && message_last_q <= LastLast;
  end

  always_ff @(posedge clk_i) begin
    if (state_q[Idle]) message_q <= 1'b0;
    else if (state_q[Fill]) message_q <= 1'b1;
    if (state_q[Idle]) wakeup_q <= wakeup_i;
    if (fill && beat_is_q[2]) wakeup_q.hop <= message_i.data[26:24];
    if (fill && beat_is_q[0])
      for (int unsigned i = 0; i < 4; i++) message_parts_q[i] <= message_i.data[16*i +: 16] == 16'h0;
    if (fill && beat_is_q[1]) message_parts_q[5:4] <= {message_i.data[31:16] == 16'hFFFF, message_i.data[15:0] == 16'h0};
    for (int unsigned i = 0; i < 6; i++)
      wakeup_parts_q[i] <= wakeup_q.client[32+16*i +: 16] == (i == 0 ? 16'hFFFF : 16'h0);
    mapped_q <= &message_parts_q;
    ipv4_q   <= message_q ? mapped_q : &wakeup_parts_q;
  end

  // The frame's octets, and eight of them to a word ----------------------------------------------------------------------
  octet_t octet;
  logic [BufferAddressWidth-1:0] message_address, word_address_q, read_address;
  index_t octets_q, last_octet_q;
  logic [63:0] message_word, word_q, frame_word;
  logic shift, word_valid_q, send, read;

  reveille_octet_sequencer u_sequencer (
    .clk_i,
    .rst_ni,
    .server_ipv4_i    (server_i.ipv4),
    .server_ipv6_i    (server_i.ipv6),
    .port_i           (server_i.port),
    .wake_version_i,
    .framing_write_i,
    .framing_address_i,
    .framing_data_i,
    .start_i          (start_q),
    .message_i        (message_q),
    .message_last_i   (message_last_q),
    .wakeup_i         (wakeup_q),
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
      if (start_q) octets_q <= '0;
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
    .we_i   (state_q[Fill]),  // until a beat comes, whatever is there
    .waddr_i(beat_q),
    .wdata_i(message_i.data),
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

endmodule
