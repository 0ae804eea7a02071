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
  output logic           source_next_o,   // the beat that comes brings an IPv4 source or the upper half of an IPv6 source,
  output logic           source_ipv6_o,   // of this version
  output logic           source_ipv4_o,   // this beat brings an IPv4 source; source_o has it in the next cycle
  output logic           source_upper_o,  // ... the upper half of an IPv6 source
  output logic           source_lower_o,  // ... the lower half

  output logic           udp_start_o,     // if the walk comes to an end, this beat begins UDP,
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
  logic [4:1]  at_q;              // which beat comes; beat 0 is `first`
  logic [15:0] length_q;          // IP length
  logic [10:0] eights_d, eights_q;  // whole beats that the frame holds, and
  logic [2:0]  rest_q;            // octets of its last one
  logic [10:0] header_words_q;    // 32-bit words of the headers before the beat that comes, and as long as the walk goes on
  logic        odd_q;             // IPv4 header ends in the middle of a beat

  always_comb begin
    if (datagram_i.first) eights_d = datagram_i.ipv6 ? -11'd4 : 11'd1;
    else                  eights_d = eights_q + 11'(full);
  end

  // The walk
  logic        walking_d, walking_q;    // the beat that comes belongs to a header, or begins what is behind them
  logic        boundary_d, boundary_q;  // it begins one: remaining is 0
  header_e     kind_d, kind_q;
  logic [7:0]  remaining_q;
  logic [3:0]  headers_q;
  logic        udp_next_q;              // UDP begins in the beat that comes, if the walk has not failed
  logic        unwalkable_q, later_fragment_q, more_fragments_q;
  logic        ends_chain, behind, unwalkable, later_fragment;

  // Behind octet 511 of the frame: with n octets of IPv6 headers behind the 40 what begins at 54 + n, so from n = 8 x 58 on,
  // or with tags at 58 + n or 62 + n, so from 8 x 57 on.
  assign behind         = header_words_q[10:7] != '0 ||
                          (header_words_q[6:4] == '1 && (header_words_q[3:2] != '0 || (header_words_q[1] && vlan_q)));
  assign ends_chain     = boundary_q && kind_q inside {HeaderUdp, HeaderOther};
  assign unwalkable     = headers_q == 4'(MaxExtensionHeaders) || behind || !full;
  assign later_fragment = kind_q == HeaderFragment && data[47:35] != '0;

  always_comb begin
    walking_d  = walking_q;
    boundary_d = boundary_q;
    kind_d     = kind_q;
    if (datagram_i.first) begin
      walking_d  = 1'b1;
      boundary_d = 1'b0;
      kind_d     = header_kind(data[15:8]);
    end else if (walking_q && !boundary_q) begin
      boundary_d = full && remaining_q == 8'd1;
      if (!ipv6_q && at_q[1]) kind_d = data[55:48] == 8'd17 ? HeaderUdp : HeaderOther;
    end else if (walking_q) begin
      walking_d = !(ends_chain || unwalkable || later_fragment);
      if (!ends_chain) begin
        boundary_d = kind_q == HeaderFragment || data[55:48] == '0;
        kind_d     = header_kind(data[63:56]);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) begin
      eights_q    <= eights_d;
      walking_q   <= walking_d;
      boundary_q  <= boundary_d;
      kind_q      <= kind_d;
      udp_next_q  <= walking_q && !ends_chain && boundary_d && kind_d == HeaderUdp;
      at_q        <= at_q << 1;
      remaining_q <= boundary_q ? data[55:48] : remaining_q - 8'd1;
      if (!full) rest_q <= datagram_i.octets[2:0];
      if (ipv6_q && walking_q && !ends_chain) header_words_q <= {eights_d[9:0], 1'b0};
      if (walking_q && boundary_q) headers_q <= headers_q + 4'd1;
      if (walking_q && boundary_q && !ends_chain) begin
        unwalkable_q     <= unwalkable;
        later_fragment_q <= later_fragment && !unwalkable;
        more_fragments_q <= more_fragments_q || (kind_q == HeaderFragment && data[32]);
      end
    end
    if (datagram_i.valid && datagram_i.first) begin
      at_q             <= 4'b0001;
      udp_next_q       <= 1'b0;
      ipv6_q           <= datagram_i.ipv6;
      vlan_q           <= datagram_i.vlan;
      version_good_q   <= datagram_i.ipv6 ? data[63:60] == 4'd6 : data[63:60] == 4'd4 && data[59:56] >= 4'd5;
      length_q         <= datagram_i.ipv6 ? data[31:16] : data[47:32];
      rest_q           <= '0;
      header_words_q   <= {7'd0, data[59:56]};
      odd_q            <= !datagram_i.ipv6 && data[56];
      remaining_q      <= datagram_i.ipv6 ? 8'd4 : {5'd0, data[59:57]} - 8'd1;
      headers_q        <= '0;
      unwalkable_q     <= 1'b0;
      later_fragment_q <= !datagram_i.ipv6 && data[12:0] != '0;
      more_fragments_q <= !datagram_i.ipv6 && data[13];
    end
  end

  assign udp_start_o = datagram_i.valid && !datagram_i.first && udp_next_q;
  assign udp_at_4_o  = odd_q;

  // Addresses: an IPv4 source comes in the low half of beat 1, its destination in the high half of beat 2; IPv6 has the
  // source in beats 1 and 2, the destination in 3 and 4.
  logic arrives;
  assign arrives        = datagram_i.valid && !datagram_i.first;
  assign source_next_o  = at_q[1];
  assign source_ipv6_o  = ipv6_q;
  assign source_ipv4_o  = arrives && !ipv6_q && at_q[1];
  assign source_upper_o = arrives && ipv6_q && at_q[1];
  assign source_lower_o = arrives && ipv6_q && at_q[2];

  always_ff @(posedge clk_i) begin
    if (source_ipv4_o)  source_o <= {80'd0, 16'hFFFF, data[31:0]};
    if (source_upper_o) source_o[127:64] <= data;
    if (source_lower_o) source_o[63:0]   <= data;
  end

  logic [4:1] arrived_q;  // this beat, whole enough, is compared
  logic [3:0] equal_upper_q, equal_lower_q;  // by 16 bits
  logic [1:0] equal_ipv4_source_q, equal_ipv4_destination_q;
  logic upper_equal_q, own_source_q, destination_good_q;

  always_ff @(posedge clk_i) begin
    arrived_q                <= {4{arrives && (full || (!ipv6_q && datagram_i.octets[2]))}} & at_q;
    for (int unsigned i = 0; i < 4; i++) begin
      equal_upper_q[i] <= data[16*i+:16] == config_i.ipv6[64+16*i+:16];
      equal_lower_q[i] <= data[16*i+:16] == config_i.ipv6[16*i+:16];
    end
    for (int unsigned i = 0; i < 2; i++) begin
      equal_ipv4_source_q[i]      <= data[16*i+:16] == config_i.ipv4[16*i+:16];
      equal_ipv4_destination_q[i] <= data[32+16*i+:16] == config_i.ipv4[16*i+:16];
    end

    if (datagram_i.valid && datagram_i.first) destination_good_q <= 1'b0;
    if (arrived_q[1] || arrived_q[3]) upper_equal_q <= &equal_upper_q;
    if (ipv6_q) begin
      if (arrived_q[2]) own_source_q       <= upper_equal_q && &equal_lower_q;
      if (arrived_q[4]) destination_good_q <= upper_equal_q && &equal_lower_q && config_i.ipv6_enable;
    end else begin
      if (arrived_q[1]) own_source_q       <= &equal_ipv4_source_q;
      if (arrived_q[2]) destination_good_q <= &equal_ipv4_destination_q && config_i.ipv4_enable;
    end
  end

  // L9. The server's own address was compared above; that of the frame's family is enabled, or it would not be judged.
  logic [1:0] upper_zero_q;  // by 40 bits
  logic middle_zero_q, middle_ones_q, low_zero_q, low_one_q, loopback_q, multicast_q, broadcast_q;
  logic bad_ipv4, bad_ipv6;

  always_ff @(posedge clk_i) begin
    upper_zero_q  <= {source_o[127:88] == '0, source_o[87:48] == '0};
    middle_zero_q <= source_o[47:32] == '0;
    middle_ones_q <= source_o[47:32] == '1;
    low_zero_q    <= source_o[31:1] == '0;  // but for the last bit
    low_one_q     <= source_o[0];
    loopback_q    <= source_o[31:24] == 8'd127;
    multicast_q   <= ipv6_q ? source_o[127:120] == 8'hFF : source_o[31:28] == 4'hE;
    broadcast_q   <= source_o[31:0] == '1;
  end
  assign bad_ipv4 = (low_zero_q && !low_one_q) || loopback_q || broadcast_q;
  assign bad_ipv6 = &upper_zero_q && (middle_ones_q || (middle_zero_q && low_zero_q));

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

  // Lengths and facts follow the state every cycle; of a frame they stand in T+4.
  logic [16:0] payload_length_q;
  assign payload_length_o = payload_length_q;

  always_ff @(posedge clk_i) begin
    payload_length_q       <= {1'b0, length_q} - {4'd0, header_words_q, 2'd0};
    facts_o.too_long       <= length_q > {2'd0, eights_q, rest_q};
    facts_o.header_cut     <= ipv6_q && payload_length_q[16];
    facts_o.ports_cut      <= payload_length_q[16] || payload_length_q[15:2] == '0;
    facts_o.later_fragment <= later_fragment_q;
    facts_o.first_fragment <= more_fragments_q && !later_fragment_q;
    facts_o.udp            <= kind_q == HeaderUdp;
    facts_o.unparsable     <= ipv6_q && !later_fragment_q &&
                              (unwalkable_q || (walking_q && !ends_chain) || (kind_q == HeaderUdp && behind));
    facts_o.bad_source     <= own_source_q || multicast_q || (ipv6_q ? bad_ipv6 : bad_ipv4);
  end
  assign facts_o.ipv4       = !ipv6_q;
  assign facts_o.addressed  = version_good_q && destination_good_q;

endmodule
