// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Third stage of the frame parser: the UDP header (RFC 768) at octet 0 or 4 of a datagram beat, and which octets of
// each beat lie inside the UDP length, which is all that counts as payload (docs/protocol.md L1, L10, L17).
// A beat goes through two cycles: in the first the header's fields are taken, in the second it is at datagram_o, with
// all that is said of it. For a frame's last beat: it comes in T+4, is at datagram_o in T+6; the facts are visible in
// T+8.
module reveille_udp_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [15:0]    port_i,
  input  datagram_beat_t datagram_i,
  input  logic           follows_i,         // a beat behind the datagram's first
  input  logic           udp_start_i,
  input  logic           udp_at_4_i,
  input  coverage_t      coverage_i,
  input  logic [16:0]    payload_length_i,  // of IP, signed; T+7

  output datagram_beat_t datagram_o,        // two cycles later, for the stages behind
  output coverage_t      coverage_o,        // UDP's own octets included
  output logic [7:0]     inside_o,          // octet i of this beat is not behind the end of UDP
  output logic [15:0]    length_o,          // UDP length
  output logic           payload_start_o,   // this beat holds the first octet of the payload,
  output logic           payload_at_4_o,    // at octet 4, else at octet 0
  output udp_facts_t     facts_o
);

  localparam logic [15:0] HeaderOctets = 16'd8;

  // T+4: where in the header the frame is
  logic in_udp_q;        // the header has begun in an earlier beat
  logic second_next_q;   // its second half comes next, in octets 0 to 3
  logic payload_next_q;  // the payload comes next, from octet 0 on

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) begin
      in_udp_q       <= udp_start_i || (in_udp_q && follows_i);
      second_next_q  <= udp_start_i && udp_at_4_i;
      payload_next_q <= udp_start_i && !udp_at_4_i;
    end
  end

  // T+5: the beat, and which part of the header it holds
  datagram_beat_t beat_q;
  coverage_t      beat_coverage_q;
  logic           start_q, at_4_q;
  logic           second_q;         // the header's second half
  logic           second_ends_q;    // ... and UDP ends in it
  logic           brings_length_q;
  logic           payload_at_0_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q         <= 1'b0;
      second_q        <= 1'b0;
      brings_length_q <= 1'b0;
      payload_at_0_q  <= 1'b0;
    end else begin
      start_q         <= udp_start_i;
      second_q        <= follows_i && second_next_q;
      brings_length_q <= (follows_i && second_next_q) || (udp_start_i && !udp_at_4_i);
      payload_at_0_q  <= follows_i && payload_next_q;
    end
  end

  always_ff @(posedge clk_i) begin
    beat_q          <= datagram_i;
    beat_coverage_q <= '{  // of OR, for a set of these flip-flops would be a net that comes from afar
      header_high: coverage_i.header_high,
      header_low:  coverage_i.header_low,
      udp_high:    coverage_i.udp_high || follows_i && (in_udp_q || udp_start_i && !udp_at_4_i),
      udp_low:     coverage_i.udp_low || follows_i && (in_udp_q || udp_start_i)
    };
    if (udp_start_i) at_4_q <= udp_at_4_i;
    second_ends_q <= follows_i && second_next_q && datagram_i.data[63:52] == '0 && datagram_i.data[51:50] != '1;
  end

  // The header's fields; the two comparisons by groups of four bits
  logic [63:0] data;
  logic [15:0] length_q, port, checksum;
  logic [3:0]  port_equal_q, checksum_zero_q;
  logic [2:0]  rest;    // how many octets of the beat in which UDP ends are inside,
  logic [7:0]  held_q;  // and which
  logic        ports_q, header_q;

  assign data     = beat_q.data;
  assign port     = at_4_q ? data[15:0] : data[47:32];
  assign checksum = second_q ? data[47:32] : data[15:0];
  assign rest     = second_q ? {!data[50], data[49:48]} : data[18:16];

  always_ff @(posedge clk_i) begin
    if (beat_q.first) begin
      ports_q  <= 1'b0;
      header_q <= 1'b0;
    end
    if (start_q) begin
      ports_q <= beat_q.octets[3] || (beat_q.octets[2] && !at_4_q);
      for (int unsigned i = 0; i < 4; i++) port_equal_q[i] <= port[4*i+:4] == port_i[4*i+:4];
    end
    if (brings_length_q) begin
      header_q <= beat_q.octets[3] || (beat_q.octets[2] && second_q);
      for (int unsigned i = 0; i < 4; i++) checksum_zero_q[i] <= checksum[4*i+:4] == '0;
      length_q <= second_q ? data[63:48] : data[31:16];
      for (int unsigned i = 0; i < 8; i++) held_q[i] <= 3'(i) < rest;
    end
  end

  // The end of UDP. Beats are numbered such that UDP ends in the one with the number length/8: the header's is number
  // 0, the one behind it number 1; behind a header at octet 4, whose second half has 4 octets of payload beside it, it
  // is number 2 unless length/8 leaves 4 octets or more. In the beat of that second half UDP ends if the length is
  // below 12 (one below 8 is wrong anyway). Before the length is known all octets are inside, as far as anybody asks.
  logic        bounded_q;  // the length is known
  logic [12:0] number_q;   // of this beat

  always_ff @(posedge clk_i) begin
    if (beat_q.valid) begin
      bounded_q <= !beat_q.first && (bounded_q || brings_length_q);
      number_q  <= number_q + 1'b1;
      if (brings_length_q) number_q <= second_q && !data[50] ? 13'd2 : 13'd1;
    end
  end

  // T+6
  datagram_beat_t datagram_q;
  coverage_t      coverage_q;
  logic           payload_start_q, payload_at_4_q;
  logic           ends_upper_q, ends_lower_q;  // UDP ends in this beat, if both
  logic           ended_q;                     // ... has ended in an earlier one
  logic           ends;

  assign ends = ends_upper_q && ends_lower_q;

  always_ff @(posedge clk_i) begin
    datagram_q      <= beat_q;
    coverage_q      <= beat_coverage_q;
    payload_start_q <= payload_at_0_q || second_q;
    payload_at_4_q  <= second_q;
    ends_upper_q    <= second_ends_q || (bounded_q && !beat_q.first && number_q[12:7] == length_q[15:10]);
    ends_lower_q    <= second_ends_q || number_q[6:0] == length_q[9:3];
    if (beat_q.first)          ended_q <= 1'b0;
    else if (datagram_q.valid) ended_q <= ended_q || ends;
  end

  always_comb begin
    for (int unsigned i = 0; i < 8; i++) inside_o[i] = !ended_q && (!ends || held_q[i]);
  end

  assign datagram_o      = datagram_q;
  assign coverage_o      = coverage_q;
  assign length_o        = length_q;
  assign payload_start_o = payload_start_q;
  assign payload_at_4_o  = payload_at_4_q;

  // T+7, T+8: facts, each for two cycles
  logic ports_late_q, header_late_q, port_match_q, no_checksum_q, too_short_q, no_message_q, sa_recovered_long_q;

  always_ff @(posedge clk_i) begin
    ports_late_q        <= ports_q;
    header_late_q       <= header_q;
    port_match_q        <= &port_equal_q;
    no_checksum_q       <= &checksum_zero_q;
    too_short_q         <= length_q < HeaderOctets;
    no_message_q        <= length_q < HeaderOctets + 16'd3;
    sa_recovered_long_q <= length_q == HeaderOctets + 16'd23;

    facts_o <= '{
      ports:             ports_late_q,
      header:            header_late_q,
      port_match:        port_match_q,
      too_short:         too_short_q,
      too_long:          payload_length_i[16] || 1'((payload_length_i - {1'b0, length_q}) >> 16),  // the borrow
      no_message:        no_message_q,
      sa_recovered_long: sa_recovered_long_q,
      no_checksum:       no_checksum_q
    };
  end

endmodule
