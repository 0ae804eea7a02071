// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Makes frames of the server's key-management messages (docs/architecture.md, "Server messages"), one at a time: takes a
// Wake Up job, or a host message into the message buffer, has the octet sequencer write the frame into the transmit
// buffer, and lets the frame reader send it. docs/timing/egress.md E4 to E9. Both buffers are halves of one RAM.
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

  typedef enum logic [1:0] {
    StateIdle,
    StateFill,
    StateCheck,
    StateFrame
  } state_e;

  typedef logic [OctetCountWidth-1:0] index_t;

  localparam index_t FirstLast = index_t'(HostHeaderOctets);
  localparam index_t LastLast  = index_t'(HostHeaderOctets + MaxPayloadOctets - 1);

  state_e state_q;
  wakeup_t wakeup_q;
  logic message_q;                            // what is framed: a host message
  logic [BufferAddressWidth-1:0] beat_q;      // of the host message; stays at the last that counts
  index_t message_last_q;                     // index of its last octet
  logic zeros_q, mapped_q;                    // its client's address: first half 0; IPv4
  logic ipv4_q;
  logic wake, fill, good, start, done;

  assign wakeup_ready_o  = state_q == StateIdle && !message_i.valid;
  assign message_ready_o = state_q inside {StateIdle, StateFill};
  assign wake            = wakeup_valid_i && wakeup_ready_o;
  assign fill            = message_i.valid && message_ready_o;
  assign good            = message_last_q >= FirstLast && message_last_q <= LastLast &&
                           (mapped_q ? server_i.ipv4_enable : server_i.ipv6_enable);
  assign start           = wake || (state_q == StateCheck && good);
  assign message_error_o = state_q == StateCheck && !good;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StateIdle;
      beat_q  <= '0;
    end else begin
      unique case (state_q)
        StateIdle, StateFill: begin
          if (fill) state_q <= message_i.last ? StateCheck : StateFill;
          else if (wake) state_q <= StateFrame;
        end
        StateCheck: state_q <= good ? StateFrame : StateIdle;
        default: if (done) state_q <= StateIdle;
      endcase
      if (fill && beat_q != '1) beat_q <= beat_q + 1'b1;
      else if (state_q == StateCheck) beat_q <= '0;
    end
  end

  // The highest octet that a beat holds; keep has no gaps.
  function automatic logic [2:0] highest(logic [KeepWidth-1:0] keep);
    logic [2:0] index = '0;
    for (int unsigned i = 1; i < KeepWidth; i++) if (keep[i]) index = 3'(i);
    return index;
  endfunction

  always_ff @(posedge clk_i) begin
    ipv4_q <= message_q ? mapped_q : wakeup_q.client[127:32] == 96'hFFFF;
    if (fill) begin
      message_q      <= 1'b1;
      message_last_q <= {beat_q, highest(message_i.keep)};
      if (beat_q == '0) zeros_q <= message_i.data == '0;
      if (beat_q == BufferAddressWidth'(1)) mapped_q <= zeros_q && message_i.data[31:0] == 32'hFFFF_0000;
      if (beat_q == BufferAddressWidth'(2)) wakeup_q.hop <= message_i.data[26:24];
    end else if (wake) begin
      message_q <= 1'b0;
      wakeup_q  <= wakeup_i;
    end
  end

  // The frame's octets, and eight of them to a word ----------------------------------------------------------------------
  octet_t octet;
  logic [BufferAddressWidth-1:0] message_address, word_address_q, read_address;
  index_t octets_q, last_octet_q;
  logic [63:0] word_q, ram_word;
  logic shift, word_valid_q, send, sending_q;

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
    .start_i          (start),
    .message_i        (message_q),
    .message_last_i   (message_last_q),
    .wakeup_i         (wakeup_q),
    .ipv4_i           (ipv4_q),
    .message_address_o(message_address),
    .message_word_i   (ram_word),
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

  // Message buffer: lower half, transmit buffer: upper half. The reader starts when the last octet leaves the sequencer:
  // a frame has at least eight beats, so it cannot overtake the last word.
  reveille_ram #(
    .Width(DataWidth),
    .Depth(2 << BufferAddressWidth)
  ) u_buffer (
    .clk_i,
    .we_i   (fill || word_valid_q),
    .waddr_i(fill ? {1'b0, beat_q} : {1'b1, word_address_q}),
    .wdata_i(fill ? message_i.data : word_q),
    .raddr_i(sending_q ? {1'b1, read_address} : {1'b0, message_address}),
    .rdata_o(ram_word)
  );

  assign send = octet.valid && octet.last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sending_q <= 1'b0;
    else if (send) sending_q <= 1'b1;
    else if (done) sending_q <= 1'b0;
  end

  reveille_frame_reader u_reader (
    .clk_i,
    .rst_ni,
    .start_i      (send),
    .last_octet_i (last_octet_q),
    .address_o    (read_address),
    .word_i       (ram_word),
    .frame_o,
    .frame_ready_i,
    .done_o       (done)
  );

endmodule
