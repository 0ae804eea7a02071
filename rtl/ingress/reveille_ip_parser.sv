// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Second stage of the frame parser: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200; docs/protocol.md
// L2-L10). In a datagram beat IPv6 headers begin at octet 0; UDP behind IPv4 at octet 0 or 4. So the walk takes one
// beat a header, and both versions share it: beats until the next header, and which kind that is. What the octets of a
// beat would mean as a header is decoded in the cycle before the walk needs it. For a frame's last beat: the walk is in
// T+4, beside datagram_o; the facts are visible in T+7.
//
// Lengths count from where the IP length does: IPv4 from its header, IPv6 from behind its 40 octets (there below 0).
module reveille_ip_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,

  output datagram_beat_t datagram_o,      // a cycle later, for the stages behind
  output address_t       source_o,        // with all that concerns it: reveille_ip_addresses
  output logic           source_ipv4_o,
  output logic           source_upper_o,
  output logic           source_lower_o,
  output address_facts_t address_facts_o,

  output logic           udp_start_o,     // if the walk comes to an end, this beat begins UDP,
  output logic           udp_at_4_o,      // from octet 4 on
  output coverage_t      coverage_o,      // of this beat, without what belongs to UDP itself
  output logic [16:0]    payload_length_o,  // IP length less the headers, signed; visible in T+6
  output ip_facts_t      facts_o
);

  localparam int unsigned MaxExtensionHeaders = 8;

  typedef enum logic [1:0] {
    HeaderExtension,  // hop-by-hop, routing, destination options: octet 1 is the length
    HeaderFragment,
    HeaderUdp,
    HeaderOther
  } header_e;

  function automatic header_e header_kind(logic [7:0] protocol);
    unique case (protocol)
      8'd0, 8'd43, 8'd60: return HeaderExtension;
      8'd44:              return HeaderFragment;
      8'd17:              return HeaderUdp;
      default:            return HeaderOther;
    endcase
  endfunction

  // T+4: a beat, and what its octets would mean
  typedef struct packed {
    header_e kind0;        // octet 0, of an IPv6 header: which kind comes next
    header_e kind1;        // octet 1 of an IPv4 header's second beat: its protocol
    header_e kind6;        // octet 6 of the IPv6 header
    logic    short_header; // octet 1: the IPv6 header is this one beat,
    logic    next_ends;    // ... or this and the next
    logic    offset;       // octets 2 and 3 of a fragment header
  } decoded_t;

  datagram_beat_t beat_q;
  decoded_t       decoded_q;
  logic           first, full;

  always_ff @(posedge clk_i) begin
    beat_q    <= datagram_i;
    decoded_q <= '{
      kind0:        header_kind(datagram_i.data[63:56]),
      kind1:        datagram_i.data[55:48] == 8'd17 ? HeaderUdp : HeaderOther,
      kind6:        header_kind(datagram_i.data[15:8]),
      short_header: datagram_i.data[55:48] == 8'd0,
      next_ends:    datagram_i.data[55:48] == 8'd1,
      offset:       datagram_i.data[47:35] != '0
    };
  end

  assign datagram_o = beat_q;
  assign first      = beat_q.valid && beat_q.first;
  assign full       = beat_q.octets[3];

  // What the first beat says of the whole datagram
  logic        ipv6_q, vlan_q, version_good_q;
  logic [15:0] length_q;          // IP length
  logic [3:0]  ipv4_words_q;      // of the IPv4 header
  logic        ipv4_offset_q, ipv4_more_q;
  logic [4:1]  at_q;              // which beat comes; beat 0 is `first`

  always_ff @(posedge clk_i) begin
    if (beat_q.valid) at_q <= at_q << 1;
    if (first) begin
      at_q           <= 4'b0001;
      ipv6_q         <= beat_q.ipv6;
      vlan_q         <= beat_q.vlan;
      version_good_q <= beat_q.ipv6 ? beat_q.data[63:60] == 4'd6 :
                        beat_q.data[63:60] == 4'd4 && beat_q.data[59:56] >= 4'd5;
      length_q       <= beat_q.ipv6 ? beat_q.data[31:16] : beat_q.data[47:32];
      ipv4_words_q   <= beat_q.data[59:56];
      ipv4_offset_q  <= !beat_q.ipv6 && beat_q.data[12:0] != '0;
      ipv4_more_q    <= !beat_q.ipv6 && beat_q.data[13];
    end
  end

  // What the frame holds from where the IP length counts, the beat before included
  logic [10:0] eights_q;  // whole beats
  logic [2:0]  rest_q;    // octets of its last one

  always_ff @(posedge clk_i) begin
    if (beat_q.valid) begin
      eights_q <= first ? (beat_q.ipv6 ? -11'd4 : 11'd1) : eights_q + 11'(full);
      if (first)      rest_q <= '0;
      else if (!full) rest_q <= beat_q.octets[2:0];
    end
  end

  // The walk
  logic        walking_q;        // the beat that comes belongs to a header, or begins what is behind them
  logic        boundary_q;       // it begins one
  header_e     kind_q;           // of this kind
  logic        last_beat_q;      // it is the header's last, not at a boundary
  logic [7:0]  remaining_q;      // beats until the boundary
  logic [3:0]  headers_q;
  logic        all_headers_q;    // as many as there may be
  logic        behind_q;         // the beat that comes begins behind octet 511 of the frame (up to the chain's end)
  logic [10:0] header_beats_q;   // of IPv6 headers behind the first 40 octets, up to the chain's end
  logic        unwalkable_q, ipv6_offset_q, ipv6_more_q;
  logic        udp_next_q;       // UDP begins in the beat that comes, if the walk has not failed

  logic        walking_d, boundary_d;
  header_e     kind_d;
  logic        ends_chain, unwalkable, fragment_offset;

  assign ends_chain      = boundary_q && kind_q inside {HeaderUdp, HeaderOther};
  assign unwalkable      = all_headers_q || behind_q || !full;
  assign fragment_offset = kind_q == HeaderFragment && decoded_q.offset;

  always_comb begin
    walking_d  = walking_q;
    boundary_d = boundary_q;
    kind_d     = kind_q;
    if (first) begin
      walking_d  = 1'b1;
      boundary_d = 1'b0;
      kind_d     = decoded_q.kind6;
    end else if (walking_q && !boundary_q) begin
      boundary_d = full && last_beat_q;
      if (!ipv6_q && at_q[1]) kind_d = decoded_q.kind1;
    end else if (walking_q) begin
      walking_d = !(ends_chain || unwalkable || fragment_offset);
      if (!ends_chain) begin
        boundary_d = kind_q == HeaderFragment || decoded_q.short_header;
        kind_d     = decoded_q.kind0;
      end
    end
  end

  // An IPv4 header of w words has w/2 beats, an IPv6 header 5, an extension header of length octet L has L+1. The first
  // is there already.
  always_ff @(posedge clk_i) begin
    if (beat_q.valid) begin
      walking_q   <= walking_d;
      boundary_q  <= boundary_d;
      kind_q      <= kind_d;
      udp_next_q  <= !first && walking_q && !ends_chain && boundary_d && kind_d == HeaderUdp;
      remaining_q <= boundary_q ? beat_q.data[55:48] : remaining_q - 8'd1;
      last_beat_q <= boundary_q ? decoded_q.next_ends : remaining_q == 8'd2;
      if (walking_q && boundary_q) begin
        headers_q     <= headers_q + 4'd1;
        all_headers_q <= headers_q == 4'(MaxExtensionHeaders - 1);
      end
      if (walking_q && boundary_q && !ends_chain) begin
        unwalkable_q  <= unwalkable;
        ipv6_offset_q <= fragment_offset && !unwalkable;
        ipv6_more_q   <= ipv6_more_q || (kind_q == HeaderFragment && beat_q.data[32]);
      end
    end
    if (first) begin
      remaining_q   <= beat_q.ipv6 ? 8'd4 : {5'd0, beat_q.data[59:57]} - 8'd1;
      last_beat_q   <= !beat_q.ipv6 && beat_q.data[59:57] == 3'd2;
      headers_q     <= '0;
      all_headers_q <= 1'b0;
      unwalkable_q  <= 1'b0;
      ipv6_offset_q <= 1'b0;
      ipv6_more_q   <= 1'b0;
    end
  end

  // Behind octet 511: what follows k beats behind the 40 octets begins at 54 + 8k, with tags at 58 + 8k or 62 + 8k.
  always_ff @(posedge clk_i) begin
    if (first) begin
      header_beats_q <= -11'd4;
      behind_q       <= 1'b0;
    end else if (beat_q.valid && walking_q && !ends_chain) begin
      header_beats_q <= header_beats_q + 11'(full);
      if (header_beats_q == (vlan_q ? 11'd56 : 11'd57)) behind_q <= 1'b1;
    end
  end

  assign udp_start_o = beat_q.valid && !beat_q.first && udp_next_q;
  assign udp_at_4_o  = !ipv6_q && ipv4_words_q[0];

  reveille_ip_addresses u_addresses (
    .clk_i,
    .config_i,
    .datagram_i     (beat_q),
    .ipv6_i         (ipv6_q),
    .at_i           (at_q),
    .source_o,
    .source_ipv4_o,
    .source_upper_o,
    .source_lower_o,
    .facts_o        (address_facts_o)
  );

  // Checksum coverage of this beat, but for UDP's own octets. An IPv4 header of an odd number of words ends in the
  // middle of the beat at the boundary.
  always_comb begin
    coverage_o = '0;
    if (first) begin
      coverage_o.header_high = !beat_q.ipv6;
      coverage_o.header_low  = !beat_q.ipv6;
    end else if (beat_q.valid) begin
      coverage_o.header_high = !ipv6_q && walking_q && (!boundary_q || ipv4_words_q[0]);
      coverage_o.header_low  = !ipv6_q && walking_q && !boundary_q;
      coverage_o.udp_high    = ipv6_q ? at_q != '0 : at_q[2];
      coverage_o.udp_low     = ipv6_q ? at_q != '0 : at_q[1];
    end
  end

  // T+6: lengths and the walk's end. All this follows the state every cycle; of a frame it stands for two.
  logic [16:0] payload_length_q;
  logic        too_long_q, whole_header_q, unparsable_q, later_q, first_fragment_q, udp_q, ipv4_q, good_q;

  assign payload_length_o = payload_length_q;

  always_ff @(posedge clk_i) begin
    payload_length_q <= {1'b0, length_q} - (ipv6_q ? {3'd0, header_beats_q, 3'd0} : {11'd0, ipv4_words_q, 2'd0});
    too_long_q       <= length_q > {2'd0, eights_q, rest_q};
    whole_header_q   <= {eights_q, rest_q} >= {8'd0, ipv4_words_q, 2'd0};
    unparsable_q     <= ipv6_q && !ipv6_offset_q &&
                        (unwalkable_q || (walking_q && !ends_chain) || (kind_q == HeaderUdp && behind_q));
    later_q          <= ipv4_offset_q || ipv6_offset_q;
    first_fragment_q <= ipv4_more_q || ipv6_more_q;
    udp_q            <= kind_q == HeaderUdp;
    ipv4_q           <= !ipv6_q;
    good_q           <= version_good_q;
  end

  // T+7
  logic later_fragment;
  assign later_fragment = later_q && (whole_header_q || !ipv4_q);

  always_ff @(posedge clk_i) begin
    facts_o <= '{
      ipv4:           ipv4_q,
      version_good:   good_q,
      unparsable:     unparsable_q,
      later_fragment: later_fragment,
      first_fragment: first_fragment_q && !later_q,
      udp:            udp_q && !later_q,
      too_long:       too_long_q,
      header_cut:     !ipv4_q && payload_length_q[16],
      ports_cut:      payload_length_q[16] || payload_length_q[15:2] == '0
    };
  end

endmodule
