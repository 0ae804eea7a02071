// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Third stage of the frame parser: the UDP header (RFC 768) at octet 0 or 4 of a datagram beat, and how many octets of
// each later beat lie inside the UDP length, which is all that counts as payload (docs/protocol.md L1, L10, L17).
// docs/timing.md: the facts are visible in T+4.
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
  input  logic [16:0]    payload_length_i,  // of IP, signed; T+3

  output logic           covered_high_o,    // this beat's halves belong to UDP
  output logic           covered_low_o,
  output logic [7:0]     inside_o,          // octet i of this beat is not behind the end of UDP
  output logic [15:0]    length_o,          // UDP length, in a frame's last beat
  output logic           payload_next_o,    // the beat that comes begins with the payload
  output logic           payload_start_o,   // this beat holds the first octet of the payload, at octet 0 or 4
  output udp_facts_t     facts_o
);

  localparam logic [15:0] HeaderOctets = 16'd8;

  logic [63:0] data;
  assign data = datagram_i.data;

  logic        started_q;       // the header has begun in an earlier beat
  logic        second_part_q;   // its second half comes next, in octets 0 to 3
  logic        payload_next_q;  // the payload begins in the beat that comes
  logic        payload_q;       // the end of UDP is known: from the beat that comes on it has
  logic [12:0] eights_q;        // whole beats,
  logic [7:0]  rest_q;          // and these octets behind them
  logic        full_q;          // so that of that beat all octets count
  logic        partial_q;       // or those of the rest
  logic [15:0] length_q;
  logic        ports_q, header_q, port_match_q, no_checksum_q;

  logic        second_part, brings_length;
  logic [15:0] length;
  logic [13:0] words;           // of 32 bits, behind the beat that brings the length
  logic        many, over;

  assign second_part     = datagram_i.valid && second_part_q;
  assign brings_length   = second_part || (udp_start_i && !udp_at_4_i);
  assign length          = second_part_q ? data[63:48] : data[31:16];
  assign length_o        = second_part_q ? data[63:48] : length_q;  // no whole header begins in a frame's last beat
  assign payload_next_o  = payload_next_q;
  assign payload_start_o = second_part || (datagram_i.valid && payload_next_q);
  assign covered_high_o  = datagram_i.valid && (started_q || (udp_start_i && !udp_at_4_i));
  assign covered_low_o   = datagram_i.valid && (started_q || udp_start_i);
  assign words           = length[15:2] - (second_part_q ? 14'd3 : 14'd2);

  assign many            = length[15:5] != '0 || (length[4] && (!second_part_q || length[3] || length[2]));
  assign over            = second_part_q && datagram_i.below12;

  function automatic logic [7:0] first_octets(logic [2:0] count);
    return ~(8'hFF << count);
  endfunction

  // Where in the header the frame is: nowhere once it has ended
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {started_q, second_part_q, payload_next_q, payload_q, partial_q} <= '0;
      full_q <= 1'b1;
    end else if (datagram_i.last) begin
      {started_q, second_part_q, payload_next_q, payload_q, partial_q} <= '0;
      full_q <= 1'b1;
    end else if (datagram_i.valid) begin
      started_q      <= started_q || udp_start_i;
      second_part_q  <= udp_start_i && udp_at_4_i;
      payload_next_q <= udp_start_i && !udp_at_4_i;
      payload_q      <= payload_q || brings_length;
      if (brings_length) begin
        full_q    <= !over && many;
        partial_q <= !over && !many;
      end else if (payload_q) begin
        full_q    <= full_q && eights_q != 13'd1;
        partial_q <= full_q && eights_q == 13'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) begin
      eights_q <= eights_q - 13'd1;
      if (datagram_i.first) begin
        ports_q  <= 1'b0;
        header_q <= 1'b0;
      end
      if (udp_start_i) begin
        ports_q      <= datagram_i.octets[3] || (datagram_i.octets[2] && !udp_at_4_i);
        port_match_q <= (udp_at_4_i ? data[15:0] : data[47:32]) == port_i;
      end
      if (brings_length) begin
        header_q      <= datagram_i.octets[3] || (datagram_i.octets[2] && second_part_q);
        no_checksum_q <= (second_part_q ? data[47:32] : data[15:0]) == '0;
        length_q      <= length;
        eights_q      <= words[13:1];
        rest_q        <= first_octets({words[0], length[1:0]});
      end
    end
  end

  // In the beat that brings the length behind the rest of the header, octets 4 to 7 are the payload's first.
  always_comb begin
    inside_o = {8{full_q}} | (rest_q & {8{partial_q}});
    if (over) inside_o[7:4] = {1'b0, length[1:0] == 2'd3, length[1], length[1:0] != '0};
  end

  always_ff @(posedge clk_i) begin
    facts_o.bad_length        <= length_q < HeaderOctets || payload_length_i[16] || length_q > payload_length_i[15:0];
    facts_o.no_message        <= length_q < HeaderOctets + 16'd3;
    facts_o.sa_recovered_long <= length_q == HeaderOctets + 16'd23;
    facts_o.ports             <= ports_q;
    facts_o.header            <= header_q;
    facts_o.port_match        <= port_match_q;
    facts_o.no_checksum       <= no_checksum_q;
  end

endmodule
