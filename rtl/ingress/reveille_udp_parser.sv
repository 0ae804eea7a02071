// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Third stage of the frame parser: the UDP header (RFC 768) at octet 0 or 4 of a datagram beat, and how many octets of
// each beat lie inside the UDP length, which is all that counts as payload (docs/protocol.md L1, L10, L17).
// For a frame's last beat: it comes in T+4, and all that is said of it stands beside datagram_o, in T+5; the facts are
// visible in T+7.
module reveille_udp_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [15:0]    port_i,
  input  datagram_beat_t datagram_i,
  input  logic           udp_start_i,
  input  logic           udp_at_4_i,
  input  coverage_t      coverage_i,
  input  logic [16:0]    payload_length_i,  // of IP, signed; T+6

  output datagram_beat_t datagram_o,        // a cycle later, for the stages behind
  output coverage_t      coverage_o,        // UDP's own octets included
  output logic [7:0]     inside_o,          // octet i of this beat is not behind the end of UDP
  output logic [15:0]    length_o,          // UDP length
  output logic           payload_start_o,   // this beat holds the first octet of the payload,
  output logic           payload_at_4_o,    // at octet 4, else at octet 0
  output udp_facts_t     facts_o
);

  localparam logic [15:0] HeaderOctets = 16'd8;

  logic [63:0] data;
  assign data = datagram_i.data;

  // Where in the header the frame is: nowhere once it has ended
  logic started_q;       // the header has begun in an earlier beat
  logic second_part_q;   // its second half comes next, in octets 0 to 3
  logic payload_next_q;  // the payload begins in the beat that comes
  logic second_part, brings_length;

  assign second_part   = datagram_i.valid && second_part_q;
  assign brings_length = second_part || (udp_start_i && !udp_at_4_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      started_q      <= 1'b0;
      second_part_q  <= 1'b0;
      payload_next_q <= 1'b0;
    end else if (datagram_i.last) begin
      started_q      <= 1'b0;
      second_part_q  <= 1'b0;
      payload_next_q <= 1'b0;
    end else if (datagram_i.valid) begin
      started_q      <= started_q || udp_start_i;
      second_part_q  <= udp_start_i && udp_at_4_i;
      payload_next_q <= udp_start_i && !udp_at_4_i;
    end
  end

  // The header's fields
  logic [15:0] length, length_q;
  logic        ports_q, header_q, port_match_q, no_checksum_q;

  assign length = second_part_q ? data[63:48] : data[31:16];

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid && datagram_i.first) begin
      ports_q  <= 1'b0;
      header_q <= 1'b0;
    end
    if (udp_start_i) begin
      ports_q      <= datagram_i.octets[3] || (datagram_i.octets[2] && !udp_at_4_i);
      port_match_q <= (udp_at_4_i ? data[15:0] : data[47:32]) == port_i;
    end
    if (brings_length) begin
      header_q      <= datagram_i.octets[3] || (datagram_i.octets[2] && second_part_q);
      no_checksum_q <= second_part_q ? data[47:32] == '0 : data[15:0] == '0;
      length_q      <= length;
    end
  end

  // T+5. Octets of UDP from this beat on, the beat that brings the length being the first that knows: in it length
  // counts from octet 0, or from the octet before by 4. Before it, as far as anybody asks, all octets are inside.
  datagram_beat_t datagram_q;
  coverage_t      coverage_q;
  logic           payload_start_q, payload_at_4_q;
  logic           bounded_q;  // the length is known
  logic           whole_q;    // all octets of this beat are inside
  logic [15:0]    left_q;     // if bounded
  logic [15:0]    first_left;

  assign first_left = length - (second_part_q ? 16'd4 : 16'd0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bounded_q <= 1'b0;
      whole_q   <= 1'b1;
    end else if (datagram_q.last) begin
      bounded_q <= 1'b0;
      whole_q   <= 1'b1;
    end else if (brings_length) begin
      bounded_q <= 1'b1;
      whole_q   <= length >= (second_part_q ? 16'd12 : 16'd8);
    end else if (datagram_i.valid || datagram_i.last) begin
      whole_q <= !bounded_q || (whole_q && left_q[15:4] != '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (brings_length)                            left_q <= first_left;
    else if (datagram_i.valid || datagram_i.last) left_q <= whole_q ? left_q - 16'd8 : '0;
    datagram_q      <= datagram_i;
    payload_start_q <= second_part || (datagram_i.valid && payload_next_q);
    payload_at_4_q  <= second_part_q;
    coverage_q      <= coverage_i;
    if (datagram_i.valid && (started_q || (udp_start_i && !udp_at_4_i))) coverage_q.udp_high <= 1'b1;
    if (datagram_i.valid && (started_q || udp_start_i))                  coverage_q.udp_low  <= 1'b1;
  end

  always_comb begin
    for (int unsigned i = 0; i < 8; i++) inside_o[i] = whole_q || 3'(i) < left_q[2:0];
  end

  assign datagram_o      = datagram_q;
  assign coverage_o      = coverage_q;
  assign length_o        = length_q;
  assign payload_start_o = payload_start_q;
  assign payload_at_4_o  = payload_at_4_q;

  // T+6, T+7: facts, each for two cycles
  logic ports_late_q, header_late_q, port_match_late_q, no_checksum_late_q;
  logic too_short_q, no_message_q, sa_recovered_long_q;

  always_ff @(posedge clk_i) begin
    ports_late_q        <= ports_q;
    header_late_q       <= header_q;
    port_match_late_q   <= port_match_q;
    no_checksum_late_q  <= no_checksum_q;
    too_short_q         <= length_q < HeaderOctets;
    no_message_q        <= length_q < HeaderOctets + 16'd3;
    sa_recovered_long_q <= length_q == HeaderOctets + 16'd23;

    facts_o <= '{
      ports:             ports_late_q,
      header:            header_late_q,
      port_match:        port_match_late_q,
      bad_length:        too_short_q || payload_length_i[16] || length_q > payload_length_i[15:0],
      no_message:        no_message_q,
      sa_recovered_long: sa_recovered_long_q,
      no_checksum:       no_checksum_late_q
    };
  end

endmodule
