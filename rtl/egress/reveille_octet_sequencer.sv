// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Writes a server message (docs/architecture.md, "Server messages") octet by octet, twice: the first pass only sums for
// the checksums (RFC 1071) and finds the length, the second puts the octets out. docs/timing/egress.md E7: started in
// s-1, octet k of a frame of F octets has its turn in s+6+k and again in s+F+12+k; it is summed five cycles later, and
// visible at octet_o nine later. The index says which octet of a field it is: in addresses, header, nonce and payload
// its place in the message buffer, in the principal its address in the framing memory; other fields end with index 15.
//
// Does not check what it is given.
`include "reveille_assert.svh"

module reveille_octet_sequencer
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic [15:0]                   port_i,             // stable from s on
  input  logic                          framing_write_i,
  input  logic [6:0]                    framing_address_i,  // {bank, word}
  input  logic [31:0]                   framing_data_i,
  input  logic                          framing_bank_i,     // that is read; stable from s on

  input  logic                          start_i,
  input  logic                          message_i,          // a host message, else a Wake Up; stable from s on,
  input  logic [OctetCountWidth-1:0]    message_last_i,     // index of its last octet; as this
  input  logic [2:0]                    hop_i,              // and this
  input  logic                          ipv4_i,             // stable from s+8 on

  output logic [BufferAddressWidth-1:0] message_address_o,  // word wanted: it comes back two cycles later
  input  logic [63:0]                   message_word_i,
  output octet_t                        octet_o
);

  // A bit of each field, none while idle
  typedef struct packed {
    logic       start;       // the framing memory takes its time
    logic [5:1] fetch;
    logic       ethernet;    // MAC addresses and VLAN tag
    logic       ether_type;
    logic       ip;          // up to the addresses
    logic       source;
    logic       destination;
    logic       udp;
    logic       header;      // KMMID, DOI, version
    logic       nonce;
    logic       principal;
    logic       payload;
    logic       pad;
  } field_t;

  typedef logic [OctetCountWidth-1:0] index_t;

  localparam logic [5:0] ShortestFrame = 6'd60;

  // Whose turn it is
  // ---------------------------------------------------------------------------------------------------
  field_t field_q, field_d;
  index_t index_q, index_jump, index_jump_q;
  logic second_q;                 // pass
  logic end_q;                    // the last turn of a field from Ethernet to Nonce
  logic at_14_q, jump_to_14_q;    // index_q, index_jump_q are, modulo 16
  logic at_10_q;                  // index_q is, and was not jumped to
  logic [5:0] count_q;            // octets of this pass before this one, modulo 64
  logic long_q;                   // they and this one are enough for a frame
  index_t third_last_q;           // of a host message
  logic [1:0] third_last_parts_q; // either half of the last index was its
  logic single_q, double_q;       // its payload is one octet, two
  logic payload_end_q;            // this is its last
  logic principal_end_q;          // this is its last, or the 0 behind it
  logic last_but_one_q, last_address_q, vlan_q;
  logic octet_q;                  // some field from Ethernet on
  logic body_q;                   // behind those, a cycle late
  logic message_end, pass_end;

  assign message_end = (field_q.principal && principal_end_q) || (field_q.payload && payload_end_q);
  assign pass_end    = long_q && (message_end || field_q.pad);

  assign field_d = '{
      start: start_i || (pass_end && !second_q),
      fetch: {field_q.fetch[4:1], field_q.start},
      ethernet: field_q.fetch[5] || (field_q.ethernet && !end_q),
      ether_type: end_q ? field_q.ethernet : field_q.ether_type,
      ip: end_q ? field_q.ether_type : field_q.ip,
      source: end_q ? field_q.ip : field_q.source,
      destination: end_q ? field_q.source : field_q.destination,
      udp: end_q ? field_q.destination : field_q.udp,
      header: end_q ? field_q.udp : field_q.header,
      nonce: end_q ? field_q.header && !message_i : field_q.nonce,
      principal: (field_q.nonce && end_q) || (field_q.principal && !principal_end_q),
      payload: (field_q.header && end_q && message_i) || (field_q.payload && !payload_end_q),
      pad: (message_end || field_q.pad) && !long_q
  };

  // Where the next field begins, of one at a time; no field ends in its first turn.
  function automatic index_t of(logic field, index_t index);
    return field ? index : '0;
  endfunction

  assign index_jump = of(field_q.ethernet, 14) | of(field_q.destination, 8) |
                      of(field_q.ether_type && ipv4_i, 4) | of(field_q.ether_type && !ipv4_i, 8) |
                      of(field_q.ip && ipv4_i, index_t'(ServerAddress + 12)) |
                      of(field_q.ip && !ipv4_i, index_t'(ServerAddress)) |
                      of(field_q.source && ipv4_i, 12) |
                      of(field_q.udp && message_i, 16) |
                      of(field_q.udp && !message_i, index_t'(WakeHeaderAddress)) |
                      of(field_q.header && message_i, index_t'(HostHeaderOctets)) |
                      of(field_q.header && !message_i, index_t'(WakeNonceAddress)) |
                      of(field_q.nonce, index_t'(PrincipalAddress));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      field_q  <= '0;
      octet_q  <= 1'b0;
      second_q <= 1'b0;
    end else begin
      field_q <= field_d;
      octet_q <= field_q.fetch[5] || (octet_q && !pass_end);
      if (start_i) second_q <= 1'b0;
      else if (pass_end) second_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    index_jump_q <= index_jump;
    index_q <= !octet_q ? '0 : end_q ? index_jump_q : index_q + 1'b1;
    body_q  <= field_q.principal || field_q.payload || field_q.pad;
    jump_to_14_q <= index_jump[3:0] == 4'd14;
    at_14_q      <= octet_q && (end_q ? jump_to_14_q : index_q[3:0] == 4'd13);
    at_10_q      <= index_q[3:0] == 4'd9;
    end_q   <= !body_q && (at_14_q || (field_q.ethernet && !vlan_q && at_10_q) ||
                         (field_q.header && index_q[0]));  // the second octet of three
    count_q <= octet_q ? count_q + 6'd1 : '0;
    long_q  <= octet_q && (long_q || count_q == ShortestFrame - 6'd2);
    last_but_one_q <= index_q[7:0] == 8'd253;
    last_address_q <= last_but_one_q;
    // The third last octet tells of the last one, two turns ahead; before the first there is the header.
    third_last_q  <= message_last_i - index_t'(2);
    third_last_parts_q <= {index_q[10:6] == third_last_q[10:6], index_q[5:0] == third_last_q[5:0]};
    single_q      <= message_last_i == index_t'(HostHeaderOctets);
    double_q      <= message_last_i == index_t'(HostHeaderOctets + 1);
    payload_end_q <= field_q.payload ? &third_last_parts_q || double_q : single_q;
  end

  // Framing memory: an octet is asked for four cycles before its turn, for the principal's end decides. A bit beside
  // each word tells whether its low half is 0, as is that of a hop entry's last word (the TPID) where there is no tag.
  logic [7:0] memory_address_q, memory_q0, memory_q;
  logic memory_next_q;
  logic [32:0] memory_word;
  logic [1:0] lane_q1, lane_q2;

  reveille_ram #(
    .Width(33),
    .Depth(128)
  ) u_framing (
    .clk_i,
    .we_i   (framing_write_i),
    .waddr_i(framing_address_i),
    .wdata_i({framing_data_i[15:0] != 16'd0, framing_data_i}),
    .raddr_i({framing_bank_i, memory_address_q[7:2]}),
    .rdata_o(memory_word)
  );

  always_ff @(posedge clk_i) begin
    lane_q1   <= memory_address_q[1:0];
    lane_q2   <= lane_q1;
    memory_q0 <= memory_word[{1'b0, lane_q2, 3'd0} +: 8];
    memory_q  <= memory_q0;
    principal_end_q <= memory_q0 == 8'd0 || last_but_one_q;
    if (field_q.fetch[3]) vlan_q <= memory_word[32];
    memory_next_q <= |field_d.fetch[5:2] || field_d.ethernet || field_d.nonce || field_d.principal;
    if (field_q.start) memory_address_q <= {1'b0, hop_i, 4'd12};
    else if (field_q.fetch[1]) memory_address_q <= {1'b0, hop_i, 4'd0};
    else if (memory_next_q)
      memory_address_q <= memory_address_q + 1'b1;
    else memory_address_q <= 8'(PrincipalAddress);
  end

  // What a field's octets do in either pass. Sums are taken in the first, but for the lengths, which it finds:
  //
  //   field                first pass                             second pass
  //   Ethernet             -                                      sent
  //   Type                 UDP sum: the pseudo-header's protocol  sent: EtherType
  //   Ip                   IP sum, but for the length             sent; length: both sums; last two of IPv4: checksum
  //   Source, Destination  both sums                              sent
  //   Udp: ports           UDP sum                                sent
  //   Udp: length          -                                      sent, UDP sum
  //   Udp: checksum        -                                      sent: checksum
  //   Header ... Payload   UDP sum                                sent
  //   Pad                  -                                      sent
  //
  // The pseudo-header's length is the one of Ip, which for IPv4 is 20 too much: so its protocol is 20 too low.
  localparam logic [15:0] PseudoIpv4 = 16'hFFFF - (16'd20 - 16'(ProtocolUdp));  // in ones' complement
  localparam logic [15:0] PseudoIpv6 = 16'(ProtocolUdp);

  typedef struct packed {
    logic valid;
    logic sent;       // second pass
    logic last;       // of that
    logic ip_sum;     // it is an addend
    logic udp_sum;
    logic ip_check;   // the checksum takes its place
    logic udp_check;
  } use_t;

  use_t use_d1;
  use_t [9:2] use_q;  // so many cycles after the turn
  logic octet_q1, second_q1, pass_end_q1, ip_length_q1, udp_length_q1, ipv4_check_q1, udp_check_q1;
  logic ether_type_q1, ip_q1, addresses_q1, udp_ports_q1, message_fields_q1;

  always_ff @(posedge clk_i) begin
    ether_type_q1     <= field_q.ether_type;
    ip_q1             <= field_q.ip;
    second_q1         <= second_q;
    ip_length_q1      <= field_q.ip && index_q[3:1] == (ipv4_i ? 3'd3 : 3'd6);
    ipv4_check_q1     <= field_q.ip && ipv4_i && index_q[3:1] == 3'd7;
    addresses_q1      <= field_q.source || field_q.destination;
    udp_ports_q1      <= field_q.udp && !index_q[2];
    udp_length_q1     <= field_q.udp && index_q[2:1] == 2'd2;
    udp_check_q1      <= field_q.udp && index_q[2:1] == 2'd3;
    message_fields_q1 <= field_q.header || field_q.nonce || field_q.principal || field_q.payload;
  end

  always_comb begin
    use_d1           = '0;
    use_d1.valid     = octet_q1;
    use_d1.sent      = octet_q1 && second_q1;
    use_d1.last      = pass_end_q1 && second_q1;
    use_d1.ip_check  = second_q1 && ipv4_check_q1;
    use_d1.udp_check = second_q1 && udp_check_q1;
    if (second_q1) begin
      use_d1.ip_sum  = ip_length_q1;
      use_d1.udp_sum = ip_length_q1 || udp_length_q1;
    end else begin
      use_d1.ip_sum  = addresses_q1 || (ip_q1 && !ip_length_q1);
      use_d1.udp_sum = addresses_q1 || ether_type_q1 || udp_ports_q1 || message_fields_q1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      octet_q1    <= 1'b0;
      pass_end_q1 <= 1'b0;
      use_q       <= '0;
    end else begin
      octet_q1    <= octet_q;
      pass_end_q1 <= pass_end;
      use_q       <= {use_q[8:2], use_d1};
    end
  end

  // The octet: of three sources one has it, and the others are 0; it is known in the fourth cycle after its turn
  // ------------
  logic [2:0] index_q1, index_q2;

  always_ff @(posedge clk_i) begin
    index_q1 <= index_q[2:0];
    index_q2 <= index_q1;
  end

  // 1. The framing memory: Ethernet header and principal.
  logic [7:0] memory_q1, memory_q2;

  always_ff @(posedge clk_i) begin
    memory_q1 <= field_q.ethernet || (field_q.principal && !last_address_q) ? memory_q : 8'd0;
    memory_q2 <= memory_q1;
  end

  // 2. The message buffer: addresses, header, nonce and payload, from either half of a word.
  logic from_message_q1, from_message_q2;
  logic [1:0][7:0] message_q3;

  assign message_address_o = index_q[OctetCountWidth-1:3];

  always_ff @(posedge clk_i) begin
    from_message_q1 <= field_q.source || field_q.destination || field_q.header || field_q.nonce || field_q.payload;
    from_message_q2 <= from_message_q1;
    for (int unsigned i = 0; i < 2; i++)
      message_q3[i] <= from_message_q2 && index_q2[2] == 1'(i) ?
          message_word_i[{1'(i), index_q2[1:0], 3'd0} +: 8] : 8'd0;
  end

  // 3. What is made here: constants, lengths and port. Lengths count from the index of the last octet that the first
  // pass met: before a payload there are 11 octets of UDP and key-management header, before a principal 15.
  localparam index_t UdpOfMessage = index_t'(HostHeaderOctets - 1 - 11);
  localparam index_t UdpOfWakeUp  = index_t'(PrincipalAddress - 1 - 15);
  localparam index_t Ipv4Header   = index_t'(20);

  index_t last_index_q, length_q;  // length_q: of UDP, or the total one of IPv4
  logic total_q;
  logic [7:0] ip_header_q1, header, header_q2, port_q2;

  always_ff @(posedge clk_i) begin
    if (!second_q && (field_q.principal || field_q.payload)) last_index_q <= index_q;
    total_q   <= ipv4_i && (field_q.ether_type || field_q.ip);
    if (message_i) length_q <= last_index_q - (total_q ? UdpOfMessage - Ipv4Header : UdpOfMessage);
    else length_q <= last_index_q - (total_q ? UdpOfWakeUp - Ipv4Header : UdpOfWakeUp);
    ip_header_q1 <= ip_header(ipv4_i, index_q[3:0]);
  end

  function automatic logic [7:0] half(logic [15:0] word, logic low);
    return low ? word[7:0] : word[15:8];
  endfunction

  // Up to the addresses, less what is 0 or not constant; either header ends with index 15.
  function automatic logic [7:0] ip_header(logic ipv4, logic [3:0] index);
    unique case ({ipv4, index})
      {1'b1, 4'd4}:  return 8'h45;  // version and length
      {1'b1, 4'd10}: return 8'h40;  // don't fragment
      {1'b1, 4'd12}: return TimeToLive;
      {1'b1, 4'd13}: return ProtocolUdp;
      {1'b0, 4'd8}:  return 8'h60;  // version
      {1'b0, 4'd14}: return ProtocolUdp;
      {1'b0, 4'd15}: return TimeToLive;
      default:       return 8'd0;
    endcase
  endfunction

  always_comb begin
    header = 8'd0;
    if (ether_type_q1) begin
      if (second_q) header = half(ipv4_i ? EtherTypeIpv4 : EtherTypeIpv6, index_q1[0]);
      else header = half(ipv4_i ? PseudoIpv4 : PseudoIpv6, index_q1[0]);
    end
    if (ip_q1) header = ip_header_q1;
  end

  logic [7:0] length_q2, known_q3, octet_q4;

  always_ff @(posedge clk_i) begin
    header_q2  <= header;
    port_q2    <= udp_ports_q1 ? half(port_i, index_q1[0]) : 8'd0;
    length_q2  <= ip_length_q1 || udp_length_q1 ? half(16'(length_q), index_q1[0]) : 8'd0;
    known_q3   <= memory_q2 | header_q2 | port_q2 | length_q2;
    octet_q4   <= known_q3 | message_q3[0] | message_q3[1];
  end

  // The sums, taken in the fifth cycle, and the octet as it waits for the UDP sum
  // ---------------------------------------
  logic [7:0] octet_d5, octet_q5, octet_q6, octet_q7, octet_q8, octet_q9, ip_term_q5, udp_term_q5;
  logic [7:0] ip_other, udp_first, udp_other;
  logic odd_q, turn, udp_ones_q;

  assign octet_d5 = octet_q4 | (use_q[4].ip_check ? ~ip_other : 8'd0);
  assign turn     = use_q[5].valid || odd_q;  // an odd octet has a 0 behind it

  always_ff @(posedge clk_i) begin
    if (start_i) odd_q <= 1'b0;
    else if (turn) odd_q <= !odd_q;
  end

  always_ff @(posedge clk_i) begin
    octet_q5    <= octet_d5;
    ip_term_q5  <= use_q[4].ip_sum ? octet_d5 : 8'd0;
    udp_term_q5 <= use_q[4].udp_sum ? octet_d5 : 8'd0;
    octet_q6    <= octet_q5;
    octet_q7    <= octet_q6;
    octet_q8    <= octet_q7;
    // The last addend, the UDP length, has had the three cycles that its carry may take, and one more: the halves have
    // only changed places. A checksum of 0 is sent as FFFF.
    udp_ones_q  <= {udp_first, udp_other} == '1;
    octet_q9    <= use_q[8].udp_check ? {8{udp_ones_q}} | ~udp_other : octet_q8;
  end

  /* verilator lint_off PINCONNECTEMPTY */
  reveille_octet_sum u_ip_sum (
    .clk_i,
    .clear_i(start_i),
    .turn_i (turn),
    .octet_i(ip_term_q5),
    .first_o(),
    .other_o(ip_other)
  );
  /* verilator lint_on PINCONNECTEMPTY */
  reveille_octet_sum u_udp_sum (
    .clk_i,
    .clear_i(start_i),
    .turn_i (turn),
    .octet_i(udp_term_q5),
    .first_o(udp_first),
    .other_o(udp_other)
  );

  assign octet_o = '{valid: use_q[9].sent, last: use_q[9].last, data: octet_q9};

  `REVEILLE_ASSERT(UdpSumIsFinal, use_q[8].udp_check -> {udp_first, udp_other} == $past({udp_other, udp_first}))
  `REVEILLE_ASSERT(OneField, $onehot0(field_q))
  `REVEILLE_ASSERT(StartedWhileIdle, start_i -> field_q == '0)

endmodule
