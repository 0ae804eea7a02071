// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Second stage of the frame parser: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200; docs/protocol.md
// L2-L10). In a datagram beat IPv6 headers begin at octet 0; UDP behind IPv4 at octet 0 or 4. So the walk takes one
// beat a header, and both versions share it: beats until the next header, and which kind that is. What the octets of a
// beat would mean is decoded in the cycle before the walk needs it, and whether the walk had to fail is decided in the
// cycle behind it: a walk that has failed goes on, and what it finds does not count. For a frame's last beat: the walk
// is in T+4, beside datagram_o; the facts are visible in T+8.
//
// Lengths count from where the IP length does: IPv4 from its header, IPv6 from behind its 40 octets (there below 0).
module reveille_ip_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,

  output datagram_beat_t datagram_o,       // a cycle later, for the stages behind
  output address_t       source_o,         // a cycle later than datagram_o brings it
  output logic           source_ipv4_o,    // datagram_o brings an IPv4 source in its last four octets,
  output logic           source_upper_o,   // ... the upper half of an IPv6 source
  output logic           source_lower_o,   // ... the lower half
  output address_facts_t address_facts_o,  // T+7

  output logic           follows_o,        // datagram_o is a beat behind a datagram's first
  output logic           udp_start_o,      // ... and begins UDP, if the walk comes to an end,
  output logic           udp_at_4_o,       // from octet 4 on
  output coverage_t      coverage_o,       // of this beat, without what belongs to UDP itself
  output logic [16:0]    payload_length_o, // IP length less the headers, signed; visible in T+7
  output ip_facts_t      facts_o
);

  localparam int unsigned MaxExtensionHeaders = 8;

  // Kinds of header, one bit each; another protocol is none of them.
  typedef struct packed {
    logic extension;  // hop-by-hop, routing, destination options: octet 1 is the length
    logic fragment;
    logic udp;
  } kind_t;

  function automatic kind_t kind_of(logic [7:0] protocol);
    return '{extension: protocol inside {8'd0, 8'd43, 8'd60}, fragment: protocol == 8'd44, udp: protocol == 8'd17};
  endfunction

  // T+4: a beat, and what its octets would mean. "Next" is what follows a first beat of IPv6, and a header that begins
  // in this beat.
  datagram_beat_t beat_q;
  logic [4:1]     at_q;            // the beat to come before this stage is this one of the datagram, unless a first one
  kind_t          next_q;
  logic           ipv4_udp_q;      // octet 1: UDP, if this is beat 1 of IPv4
  logic           short_q;         // octet 1: the extension header is this one beat
  logic [7:0]     more_beats_q;    // ... or so many more
  logic           one_more_q;      // one
  logic           offset6_q;       // octets 2 and 3 of a fragment header
  logic           offset4_q;       // octets 6 and 7 of an IPv4 header
  logic           version_good_q;  // of a first beat: L2
  logic           pseudo_high_q;   // belongs to the pseudo header of UDP: the addresses
  logic           pseudo_low_q;

  logic [7:0] protocol;            // octet 6 of IPv6, octet 0 of what comes later; 255 is of no kind
  assign protocol = !datagram_i.first ? datagram_i.data[63:56] : datagram_i.ipv6 ? datagram_i.data[15:8] : 8'd255;

  always_ff @(posedge clk_i) begin
    beat_q    <= datagram_i;
    follows_o <= datagram_i.valid && !datagram_i.first;
    if (datagram_i.valid) at_q <= datagram_i.first ? 4'b0001 : at_q << 1;
    source_ipv4_o  <= datagram_i.valid && !datagram_i.first && at_q[1] && !datagram_i.ipv6;
    source_upper_o <= datagram_i.valid && !datagram_i.first && at_q[1] && datagram_i.ipv6;
    source_lower_o <= datagram_i.valid && !datagram_i.first && at_q[2] && datagram_i.ipv6;
    pseudo_high_q  <= !datagram_i.first && (datagram_i.ipv6 ? at_q != '0 : at_q[2]);
    pseudo_low_q   <= !datagram_i.first && (datagram_i.ipv6 ? at_q != '0 : at_q[1]);
    next_q <= kind_of(protocol);
    // An IPv4 header of w words has w/2 beats, an IPv6 header 5, an extension header of length octet L has L+1. The
    // first is there already.
    if (!datagram_i.first) begin
      more_beats_q <= datagram_i.data[55:48];
      one_more_q   <= datagram_i.data[55:48] == 8'd1;
    end else begin
      more_beats_q <= datagram_i.ipv6 ? 8'd4 : {5'd0, datagram_i.data[59:57]} - 8'd1;
      one_more_q   <= !datagram_i.ipv6 && datagram_i.data[59:57] == 3'd2;
    end
    ipv4_udp_q     <= datagram_i.data[55:48] == 8'd17;
    short_q        <= datagram_i.data[55:48] == 8'd0;
    offset6_q      <= datagram_i.data[47:35] != '0;
    offset4_q      <= datagram_i.data[12:0] != '0;
    version_good_q <= datagram_i.ipv6 ? datagram_i.data[63:60] == 4'd6 :
                      datagram_i.data[63:60] == 4'd4 && datagram_i.data[59:56] >= 4'd5;
  end

  logic first, full;
  assign datagram_o = beat_q;
  assign first      = beat_q.first;
  assign full       = beat_q.octets[3];

  // What the first beat says of the whole datagram
  logic        ipv6_q, vlan_q, good_q;
  logic [15:0] length_q;          // IP length
  logic [3:0]  ipv4_words_q;      // of the IPv4 header
  logic        ipv4_offset_q, ipv4_more_q;

  always_ff @(posedge clk_i) begin
    if (first) begin
      ipv6_q        <= beat_q.ipv6;
      vlan_q        <= beat_q.vlan;
      good_q        <= version_good_q;
      length_q      <= beat_q.ipv6 ? beat_q.data[31:16] : beat_q.data[47:32];
      ipv4_words_q  <= beat_q.data[59:56];
      ipv4_offset_q <= !beat_q.ipv6 && offset4_q;
      ipv4_more_q   <= !beat_q.ipv6 && beat_q.data[13];
    end
  end

  // What the frame holds from where the IP length counts, the beat before included
  logic [10:0] eights_q;  // whole beats
  logic [2:0]  rest_q;    // octets of its last one
  logic        behind;    // the beat that comes begins behind octet 511 of the frame

  always_ff @(posedge clk_i) begin
    if (beat_q.valid) begin
      eights_q <= first ? (beat_q.ipv6 ? -11'd4 : 11'd1) : eights_q + 11'(full);
      rest_q   <= first || full ? '0 : beat_q.octets[2:0];
    end
  end

  // In IPv6 what follows k beats behind the 40 octets begins at 54 + 8k, with tags at 58 + 8k or 62 + 8k: behind octet
  // 511 from k = 58 on, with tags from 57 on.
  assign behind = eights_q[10:6] != '0 || (&eights_q[5:3] && (eights_q[2:1] != '0 || (vlan_q && eights_q[0])));

  // The walk. The beat that comes is inside a header, or begins one, or UDP, or what ends the walk too: none of these.
  logic       inside_q, extension_q, fragment_q, udp_q;
  logic       walking_q;     // the beat before was one of a header
  kind_t      kind_q;        // inside a header: of the next one
  logic       last_beat_q;   // ... the beat that comes is its last
  logic [7:0] remaining_q;   // ... beats until the next one
  logic       begins_header, begins, ends_inside;
  kind_t      kind_d;

  assign begins_header = extension_q || fragment_q;
  assign ends_inside   = inside_q && last_beat_q && full;
  assign begins        = !first && (ends_inside || (extension_q && short_q) || fragment_q);
  assign kind_d        = inside_q ? kind_q : next_q;

  always_ff @(posedge clk_i) begin
    if (beat_q.valid) begin
      inside_q    <= first || (inside_q && !ends_inside) || (extension_q && !short_q);
      extension_q <= begins && kind_d.extension;
      fragment_q  <= begins && kind_d.fragment;
      udp_q       <= begins && (kind_d.udp || (inside_q && source_ipv4_o && ipv4_udp_q));
      walking_q   <= first || inside_q || begins_header;
      if (first || begins_header)           kind_q     <= next_q;
      else if (source_ipv4_o && ipv4_udp_q) kind_q.udp <= 1'b1;
      remaining_q <= inside_q && !first ? remaining_q - 8'd1 : more_beats_q;
      last_beat_q <= inside_q && !first ? remaining_q == 8'd2 : one_more_q;
    end
  end

  assign udp_start_o = follows_o && udp_q;
  assign udp_at_4_o  = !ipv6_q && ipv4_words_q[0];

  // Checksum coverage of this beat, but for UDP's own octets. An IPv4 header of an odd number of words ends in the
  // middle of the beat behind the walk.
  logic half_there_q;  // that half is there

  assign coverage_o = '{
    header_high: !beat_q.ipv6 && (first || inside_q || (walking_q && ipv4_words_q[0])),
    header_low:  !beat_q.ipv6 && (first || inside_q),
    udp_high:    pseudo_high_q,
    udp_low:     pseudo_low_q
  };

  always_ff @(posedge clk_i) begin
    if (beat_q.valid && walking_q) half_there_q <= full || beat_q.octets[2];
  end

  reveille_ip_addresses u_addresses (
    .clk_i,
    .config_i,
    .datagram_i     (beat_q),
    .ipv6_i         (ipv6_q),
    .source_ipv4_i  (source_ipv4_o),
    .source_upper_i (source_upper_o),
    .source_lower_i (source_lower_o),
    .source_o,
    .facts_o        (address_facts_o)
  );

  // T+5, T+6: extension headers, in the order in which they come. The walk fails at one that is one too many, begins
  // too late or is cut; else it ends at a fragment header with an offset.
  logic                           first_late_q, header_late_q, room_late_q, behind_late_q, offset_late_q, more_late_q;
  logic [MaxExtensionHeaders-1:0] headers_q;  // [i]: more than i have begun
  logic                           fails_late, failed_q, ipv6_offset_q, ipv6_more_q;

  assign fails_late = !room_late_q || behind_late_q;

  always_ff @(posedge clk_i) begin
    if (first)                           headers_q <= '0;
    else if (follows_o && begins_header) headers_q <= {headers_q[MaxExtensionHeaders-2:0], 1'b1};
    first_late_q  <= first;
    header_late_q <= follows_o && begins_header;
    room_late_q   <= full && !headers_q[MaxExtensionHeaders-1];
    behind_late_q <= behind;
    offset_late_q <= fragment_q && offset6_q;
    more_late_q   <= fragment_q && beat_q.data[32];
    if (header_late_q) begin
      failed_q      <= failed_q || (fails_late && !ipv6_offset_q);
      ipv6_offset_q <= ipv6_offset_q || (offset_late_q && !fails_late && !failed_q);
      ipv6_more_q   <= ipv6_more_q || more_late_q;
    end
    if (first_late_q) begin
      failed_q      <= 1'b0;
      ipv6_offset_q <= 1'b0;
      ipv6_more_q   <= 1'b0;
    end
  end

  // T+6: where the headers end, and what else the walk came to. All this follows the state every cycle; of a frame it
  // stands for two.
  logic [10:0] header_eights_q;  // of IPv6 headers behind the first 40 octets
  logic        header_behind_q, header_cut_q, header_whole_q, udp_late_q, ipv4_late_q, good_late_q;
  logic        ipv4_offset_late_q, ipv4_more_late_q, too_long_q;

  always_ff @(posedge clk_i) begin
    if (walking_q) begin
      header_eights_q <= eights_q;
      header_behind_q <= behind;
    end
    header_cut_q       <= inside_q || begins_header;
    header_whole_q     <= !inside_q && (!ipv4_words_q[0] || (!walking_q && half_there_q));
    udp_late_q         <= kind_q.udp;
    ipv4_late_q        <= !ipv6_q;
    good_late_q        <= good_q;
    ipv4_offset_late_q <= ipv4_offset_q;
    ipv4_more_late_q   <= ipv4_more_q;
    too_long_q         <= 1'(({3'd0, eights_q, rest_q} - {1'b0, length_q}) >> 16);  // the borrow
  end

  // T+7
  logic [16:0] payload_length_q;
  logic        unparsable_q, later_q, later_fragment_q, more_q, late_udp_q, ipv4_fact_q, good_fact_q, long_fact_q;

  assign payload_length_o = payload_length_q;

  always_ff @(posedge clk_i) begin
    payload_length_q <= {1'b0, length_q} - (ipv6_q ? {3'd0, header_eights_q, 3'd0} : {11'd0, ipv4_words_q, 2'd0});
    unparsable_q     <= !ipv4_late_q && !ipv6_offset_q &&
                        (failed_q || header_cut_q || (udp_late_q && header_behind_q));
    later_q          <= ipv4_offset_late_q || ipv6_offset_q;
    later_fragment_q <= (ipv4_offset_late_q && header_whole_q) || (ipv6_offset_q && !ipv4_late_q);
    more_q           <= ipv4_more_late_q || ipv6_more_q;
    late_udp_q       <= udp_late_q;
    ipv4_fact_q      <= ipv4_late_q;
    good_fact_q      <= good_late_q;
    long_fact_q      <= too_long_q;
  end

  // T+8
  always_ff @(posedge clk_i) begin
    facts_o <= '{
      ipv4:           ipv4_fact_q,
      version_good:   good_fact_q,
      unparsable:     unparsable_q,
      later_fragment: later_fragment_q,
      first_fragment: more_q && !later_q,
      udp:            late_udp_q && !later_q,
      too_long:       long_fact_q,
      header_cut:     !ipv4_fact_q && payload_length_q[16],
      ports_cut:      payload_length_q[16] || payload_length_q[15:2] == '0
    };
  end

endmodule
