// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Second stage of the frame parser: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200; docs/protocol.md
// L2-L10). In a datagram beat IPv6 headers begin at octet 0; UDP behind IPv4 at octet 0 or 4. So the walk takes one beat a
// header, and both versions share it: `remaining` beats until the next header, and which kind that is.
// docs/timing.md: the source address is visible in T at the latest, the facts in T+4.
//
// Lengths count from where the IP length does: IPv4 from its header, IPv6 from behind its 40 octets (there below 0).
module reveille_ip_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,

  output address_t       source_o,
  output logic           source_ipv4_o,   // this beat brings an IPv4 source; source_o has it in the next cycle
  output logic           source_upper_o,  // ... the upper half of an IPv6 source
  output logic           source_lower_o,  // ... the lower half

  output logic           udp_start_o,     // this beat holds the first octets of the UDP header,
  output logic           udp_at_4_o,      // from octet 4 on
  output coverage_t      coverage_o,      // of this beat, without UDP's part
  output logic [16:0]    payload_length_o,  // IP length less the headers, signed; visible in T+3
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

  logic [63:0] data;
  logic        full;
  assign data = datagram_i.data;
  assign full = datagram_i.octets[3];

  logic        ipv6_q, vlan_q, version_good_q;
  logic [4:1]  at_q;             // which beat comes; beat 0 is `first`
  logic [14:0] held_q;           // octets that the frame holds, signed
  logic [15:0] length_q;         // IP length
  logic [10:0] header_words_q;   // 32-bit words of the headers up to the one that comes
  logic        behind_q;         // that begins behind octet 511 of the frame
  logic        odd_q;            // IPv4 header ends in the middle of a beat

  // The walk
  logic        walking_q;        // the beat that comes belongs to a header, or begins what is behind them
  logic        boundary_q;       // it begins one: remaining is 0
  logic [7:0]  remaining_q;
  header_e     kind_q;
  logic [3:0]  headers_q;
  logic        unwalkable_q, later_fragment_q, more_fragments_q;

  logic        begins_header, ends_chain, behind;
  logic [10:0] units;            // octets behind the 40 of IPv6, in eights
  logic [7:0]  remaining;

  assign units = held_q[13:3];
  // Behind octet 511 of the frame: what begins at 54 + 8 x units, with a tag at 58 or 62 + 8 x units.
  assign behind        = units >= 11'd58 || (units == 11'd57 && vlan_q);
  assign begins_header = datagram_i.valid && !datagram_i.first && walking_q && boundary_q;
  assign ends_chain    = kind_q inside {HeaderUdp, HeaderOther};

  always_comb begin
    remaining = remaining_q - 8'd1;
    if (datagram_i.first) begin
      remaining = datagram_i.ipv6 ? 8'd4 : {5'd0, data[59:57]} - 8'd1;
    end else if (boundary_q) begin
      remaining = kind_q == HeaderExtension ? data[55:48] : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) begin
      at_q   <= datagram_i.first ? 4'b0001 : at_q << 1;
      held_q <= (datagram_i.first ? (datagram_i.ipv6 ? -15'd40 : 15'd0) : held_q) + 15'(datagram_i.octets);
    end
    // Follows the walk until the beat behind the last header has come.
    if (ipv6_q && walking_q) begin
      header_words_q <= {units[9:0], 1'b0};
      behind_q       <= behind;
    end

    if (datagram_i.valid && datagram_i.first) begin
      ipv6_q           <= datagram_i.ipv6;
      vlan_q         <= datagram_i.vlan;
      version_good_q   <= datagram_i.ipv6 ? data[63:60] == 4'd6 : data[63:60] == 4'd4 && data[59:56] >= 4'd5;
      length_q         <= datagram_i.ipv6 ? data[31:16] : data[47:32];
      header_words_q   <= {7'd0, data[59:56]};
      odd_q            <= !datagram_i.ipv6 && data[56];
      walking_q        <= 1'b1;
      boundary_q       <= 1'b0;
      remaining_q      <= remaining;
      kind_q           <= header_kind(data[15:8]);
      headers_q        <= '0;
      unwalkable_q     <= 1'b0;
      later_fragment_q <= !datagram_i.ipv6 && data[12:0] != '0;
      more_fragments_q <= !datagram_i.ipv6 && data[13];
    end else if (datagram_i.valid && walking_q) begin
      if (!boundary_q) begin
        if (full) begin
          remaining_q <= remaining;
          boundary_q  <= remaining == '0;
        end
        if (!ipv6_q && at_q[1]) kind_q <= data[55:48] == 8'd17 ? HeaderUdp : HeaderOther;
      end else if (ends_chain) begin
        walking_q <= 1'b0;
      end else if (headers_q == 4'(MaxExtensionHeaders) || behind || !full) begin
        walking_q    <= 1'b0;
        unwalkable_q <= 1'b1;
      end else begin
        headers_q   <= headers_q + 4'd1;
        kind_q      <= header_kind(data[63:56]);
        remaining_q <= remaining;
        boundary_q  <= remaining == '0;
        if (kind_q == HeaderFragment) begin
          more_fragments_q <= more_fragments_q || data[32];
          if (data[47:35] != '0) begin
            walking_q        <= 1'b0;
            later_fragment_q <= 1'b1;
          end
        end
      end
    end
  end

  assign udp_start_o = begins_header && kind_q == HeaderUdp;
  assign udp_at_4_o  = odd_q;

  // Addresses: an IPv4 source comes in the low half of beat 1, its destination in the high half of beat 2; IPv6 has the
  // source in beats 1 and 2, the destination in 3 and 4.
  logic arrives;
  assign arrives        = datagram_i.valid && !datagram_i.first;
  assign source_ipv4_o  = arrives && !ipv6_q && at_q[1];
  assign source_upper_o = arrives && ipv6_q && at_q[1];
  assign source_lower_o = arrives && ipv6_q && at_q[2];

  always_ff @(posedge clk_i) begin
    if (source_ipv4_o)  source_o <= {80'd0, 16'hFFFF, data[31:0]};
    if (source_upper_o) source_o[127:64] <= data;
    if (source_lower_o) source_o[63:0]   <= data;
  end

  logic [4:1] arrived_q;  // this beat, whole enough, is compared
  logic equal_upper_q, equal_lower_q, equal_ipv4_source_q, equal_ipv4_destination_q;
  logic upper_equal_q, own_source_q, destination_good_q;

  always_ff @(posedge clk_i) begin
    arrived_q                <= {4{arrives && (full || (!ipv6_q && datagram_i.octets[2]))}} & at_q;
    equal_upper_q            <= data == config_i.ipv6[127:64];
    equal_lower_q            <= data == config_i.ipv6[63:0];
    equal_ipv4_source_q      <= data[31:0] == config_i.ipv4;
    equal_ipv4_destination_q <= data[63:32] == config_i.ipv4;

    if (datagram_i.valid && datagram_i.first) destination_good_q <= 1'b0;
    if (arrived_q[1] || arrived_q[3]) upper_equal_q <= equal_upper_q;
    if (ipv6_q) begin
      if (arrived_q[2]) own_source_q       <= upper_equal_q && equal_lower_q;
      if (arrived_q[4]) destination_good_q <= upper_equal_q && equal_lower_q && config_i.ipv6_enable;
    end else begin
      if (arrived_q[1]) own_source_q       <= equal_ipv4_source_q;
      if (arrived_q[2]) destination_good_q <= equal_ipv4_destination_q && config_i.ipv4_enable;
    end
  end

  // L9. The server's own address was compared above; that of the frame's family is enabled, or it would not be judged.
  logic upper_zero_q, middle_zero_q, mapped_q, low_zero_q, low_one_q, loopback_q, multicast_q, broadcast_q;
  logic unspecified;

  always_ff @(posedge clk_i) begin
    upper_zero_q  <= source_o[127:64] == '0;
    middle_zero_q <= source_o[63:32] == '0;
    mapped_q      <= source_o[63:32] == 32'h0000FFFF;
    low_zero_q    <= source_o[31:0] == '0;
    low_one_q     <= source_o[31:0] == 32'd1;
    loopback_q    <= source_o[31:24] == 8'd127;
    multicast_q   <= ipv6_q ? source_o[127:120] == 8'hFF : source_o[31:28] == 4'hE;
    broadcast_q   <= source_o[31:0] == '1;
  end
  assign unspecified = upper_zero_q && (mapped_q || (middle_zero_q && (low_zero_q || low_one_q)));

  // Checksum coverage of this beat, but for UDP's own octets.
  always_comb begin
    coverage_o = '0;
    if (datagram_i.valid && datagram_i.first) begin
      coverage_o.header_high = !datagram_i.ipv6;
      coverage_o.header_low  = !datagram_i.ipv6;
    end else if (datagram_i.valid) begin
      coverage_o.header_high = !ipv6_q && walking_q && (!boundary_q || odd_q);
      coverage_o.header_low  = !ipv6_q && walking_q && !boundary_q;
      coverage_o.pseudo_high = ipv6_q ? at_q != '0 : at_q[2];
      coverage_o.pseudo_low  = ipv6_q ? at_q != '0 : at_q[1];
    end
  end

  // Octets of the headers; the walk's end counts as soon as it is reached.
  logic [12:0] header_octets;
  assign header_octets = ipv6_q && walking_q ? {units[9:0], 3'd0} : {header_words_q, 2'd0};

  // Lengths and facts follow the state every cycle; of a frame they stand in T+4.
  logic [16:0] payload_length_q;
  assign payload_length_o = payload_length_q;

  always_ff @(posedge clk_i) begin
    payload_length_q       <= {1'b0, length_q} - {4'd0, header_octets};
    facts_o.too_long       <= {1'b0, length_q} > {3'd0, held_q[13:0]};
    facts_o.header_cut     <= ipv6_q && payload_length_q[16];
    facts_o.ports_cut      <= payload_length_q[16] || payload_length_q[15:2] == '0;
    facts_o.later_fragment <= later_fragment_q;
    facts_o.first_fragment <= more_fragments_q && !later_fragment_q;
    facts_o.udp            <= kind_q == HeaderUdp;
    facts_o.unparsable     <= ipv6_q && !later_fragment_q && (unwalkable_q || (walking_q && !(boundary_q && ends_chain)) ||
                              (kind_q == HeaderUdp && behind_q));
    facts_o.bad_source     <= own_source_q || multicast_q ||
                              (ipv6_q ? unspecified : low_zero_q || loopback_q || broadcast_q);
  end
  assign facts_o.ipv4       = !ipv6_q;
  assign facts_o.addressed  = version_good_q && destination_good_q;

endmodule
