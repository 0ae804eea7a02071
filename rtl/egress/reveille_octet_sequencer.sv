// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Writes a server message (docs/architecture.md, "Server messages") octet by octet, twice: the first pass only sums for
// the checksums (RFC 1071) and finds the length, the second puts the octets out. docs/timing/egress.md E7: started in
// s-1, octet k of a frame of F octets has its turn in s+2+k and again in s+F+4+k; it is known, summed or visible at
// octet_o, three cycles later. The index says which octet of a field it is: in addresses, header, nonce and payload its
// place in a host message, in the principal its address in the framing memory; other fields end with index 15.
//
// Does not check what it is given.
module reveille_octet_sequencer
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic [31:0]                   server_ipv4_i,
  input  address_t                      server_ipv6_i,
  input  logic [15:0]                   port_i,
  input  logic [7:0]                    wake_version_i,
  input  logic                          framing_write_i,
  input  logic [5:0]                    framing_address_i,
  input  logic [31:0]                   framing_data_i,

  input  logic                          start_i,
  input  logic                          message_i,          // a host message, else a Wake Up; stable from s on,
  input  logic [OctetCountWidth-1:0]    message_last_i,     // index of its last octet; as this
  input  wakeup_t                       wakeup_i,           // and this; hop for both
  input  logic                          ipv4_i,             // stable from s+1 on

  output logic [BufferAddressWidth-1:0] message_address_o,  // word wanted: it comes back two cycles later
  input  logic [63:0]                   message_word_i,
  output octet_t                        octet_o
);

  typedef enum logic [3:0] {
    FieldNone,         // idle
    FieldStart,        // the framing memory takes two cycles
    FieldFetch,
    FieldEthernet,     // MAC addresses and VLAN tag
    FieldType,
    FieldIp,           // up to the addresses
    FieldSource,
    FieldDestination,
    FieldUdp,
    FieldHeader,       // KMMID, DOI, version
    FieldNonce,
    FieldPrincipal,
    FieldPayload,
    FieldPad
  } field_e;

  typedef logic [OctetCountWidth-1:0] index_t;

  localparam logic [5:0] ShortestFrame = 6'd60;

  // Whose turn it is ---------------------------------------------------------------------------------------------------
  field_e field_q, field_d;
  index_t index_q, index_d;
  logic second_q;                 // pass
  logic [5:0] count_q;            // octets of this pass before this one, modulo 64
  logic long_q;                   // enough of them
  index_t before_last_q;          // of a host message
  logic payload_end_q;
  logic vlan_q;
  logic octet, field_end, message_end, long_enough, pass_end;
  logic nul_q, last_address, principal_end;

  assign octet         = !(field_q inside {FieldNone, FieldStart, FieldFetch});
  assign last_address  = index_q[7:0] == 8'd255;
  assign principal_end = nul_q || last_address;
  assign message_end   = (field_q == FieldPrincipal && principal_end) ||
                         (field_q == FieldPayload && payload_end_q);
  assign field_end     = index_q[3:0] == 4'd15 || (field_q == FieldEthernet && !vlan_q && index_q[3:0] == 4'd11);
  assign long_enough   = long_q || count_q == ShortestFrame - 6'd1;
  assign pass_end      = long_enough && (message_end || field_q == FieldPad);

  always_comb begin
    field_d = field_q;
    index_d = index_q + 1'b1;
    unique case (field_q)
      FieldNone: if (start_i) field_d = FieldStart;
      FieldStart: field_d = FieldFetch;
      FieldFetch: begin
        field_d = FieldEthernet;
        index_d = index_t'(0);
      end
      FieldEthernet: if (field_end) begin
        field_d = FieldType;
        index_d = index_t'(14);
      end
      FieldType: if (field_end) begin
        field_d = FieldIp;
        index_d = ipv4_i ? index_t'(4) : index_t'(8);
      end
      FieldIp: if (field_end) begin
        field_d = FieldSource;
        index_d = ipv4_i ? index_t'(12) : index_t'(0);
      end
      FieldSource: if (field_end) begin
        field_d = FieldDestination;
        index_d = ipv4_i ? index_t'(12) : index_t'(0);
      end
      FieldDestination: if (field_end) begin
        field_d = FieldUdp;
        index_d = index_t'(8);
      end
      FieldUdp: if (field_end) field_d = FieldHeader;
      FieldHeader: if (index_q[1]) begin  // 16, 17, 18
        field_d = message_i ? FieldPayload : FieldNonce;
        index_d = message_i ? index_t'(HostHeaderOctets) : index_t'(28);
      end
      FieldNonce: if (field_end) begin
        field_d = FieldPrincipal;
        index_d = index_t'(PrincipalAddress);
      end
      FieldPrincipal, FieldPayload, FieldPad:
        if (pass_end) field_d = second_q ? FieldNone : FieldStart;
        else if (message_end) field_d = FieldPad;
      default: field_d = FieldNone;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      field_q  <= FieldNone;
      second_q <= 1'b0;
    end else begin
      field_q <= field_d;
      if (start_i) second_q <= 1'b0;
      else if (pass_end) second_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    index_q <= index_d;
    count_q <= octet ? count_q + 6'd1 : '0;
    long_q  <= octet && long_enough;
    // The last octet but one tells of the last one; before the first there is the header.
    before_last_q <= message_last_i - 1'b1;
    payload_end_q <= field_q == FieldPayload ? index_q == before_last_q : message_last_i == index_t'(HostHeaderOctets);
  end

  // Framing memory: the MAC addresses are read two cycles ahead, the principal, whose end decides, three ----------------------------------------------------------------------------
  logic [7:0] memory_next_q, memory_address, memory_octet, memory_q;
  logic [31:0] memory_word;
  logic [1:0] lane_q1, lane_q2;
  logic [7:0] tagged_q;  // whether the hop entry holds a TPID

  assign memory_address = field_q == FieldStart ? {1'b0, wakeup_i.hop, 4'd0} : memory_next_q;
  assign memory_octet   = memory_word[{lane_q2, 3'd0} +: 8];

  reveille_ram #(
    .Width(32),
    .Depth(64)
  ) u_framing (
    .clk_i,
    .we_i   (framing_write_i),
    .waddr_i(framing_address_i),
    .wdata_i(framing_data_i),
    .raddr_i(memory_address[7:2]),
    .rdata_o(memory_word)
  );

  always_ff @(posedge clk_i) begin
    lane_q1 <= memory_address[1:0];
    lane_q2 <= lane_q1;
    vlan_q  <= tagged_q[wakeup_i.hop];
    memory_q <= memory_octet;
    nul_q    <= memory_octet == 8'd0;
    if (field_q inside {FieldStart, FieldFetch, FieldEthernet, FieldPrincipal} || (field_q == FieldNonce && index_q[1:0] != 2'd0))
      memory_next_q <= memory_address + 8'd1;
    else memory_next_q <= 8'(PrincipalAddress);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) tagged_q <= '0;
    else if (framing_write_i && !framing_address_i[5] && framing_address_i[1:0] == 2'd3)
      tagged_q[framing_address_i[4:2]] <= framing_data_i[15:0] != 16'd0;
  end

  // The octet, one and two cycles after its turn -----------------------------------------------------------------------
  logic [15:0] length_q, ip_length_q, ip_checksum_q, udp_checksum_q;  // all but the first are 0 in the first pass
  logic [7:0] fixed, source_q1, client_q1, fixed_q1, memory_q1, known_q2, octet_q3;
  logic [3:0] payload_q1, payload_q2;  // {from the message, octet of the word}
  logic from_message, ethernet_q1;

  always_comb begin
    fixed = 8'd0;
    unique case (field_q)
      FieldType: begin
        if (ipv4_i) fixed = index_q[0] ? EtherTypeIpv4[7:0] : EtherTypeIpv4[15:8];
        else fixed = index_q[0] ? EtherTypeIpv6[7:0] : EtherTypeIpv6[15:8];
      end
      FieldIp: begin
        unique case ({ipv4_i, index_q[3:0]})
          {1'b1, 4'd4}:  fixed = 8'h45;
          {1'b1, 4'd6}:  fixed = ip_length_q[15:8];
          {1'b1, 4'd7}:  fixed = ip_length_q[7:0];
          {1'b1, 4'd10}: fixed = 8'h40;  // don't fragment
          {1'b1, 4'd12}: fixed = TimeToLive;
          {1'b1, 4'd13}: fixed = ProtocolUdp;
          {1'b1, 4'd14}: fixed = ip_checksum_q[15:8];
          {1'b1, 4'd15}: fixed = ip_checksum_q[7:0];
          {1'b0, 4'd8}:  fixed = 8'h60;
          {1'b0, 4'd12}: fixed = ip_length_q[15:8];
          {1'b0, 4'd13}: fixed = ip_length_q[7:0];
          {1'b0, 4'd14}: fixed = ProtocolUdp;
          {1'b0, 4'd15}: fixed = TimeToLive;
          default:       fixed = 8'd0;
        endcase
      end
      FieldUdp: begin
        unique case (index_q[2:0])
          3'd0, 3'd2: fixed = port_i[15:8];
          3'd1, 3'd3: fixed = port_i[7:0];
          3'd4:       fixed = second_q ? length_q[15:8] : 8'd0;
          3'd5:       fixed = second_q ? length_q[7:0] : 8'd0;
          3'd6:       fixed = udp_checksum_q[15:8];
          default:    fixed = udp_checksum_q[7:0];
        endcase
      end
      FieldHeader: fixed = index_q[1] ? wake_version_i : index_q[0] ? (wakeup_i.doi ? DoiSnmp : DoiIpsec) : KmmidWakeUp;
      FieldNonce:  fixed = wakeup_i.nonce[{~index_q[1:0], 3'd0} +: 8];
      default:     fixed = 8'd0;
    endcase
  end

  assign from_message      = message_i && field_q inside {FieldDestination, FieldHeader, FieldPayload};
  assign message_address_o = index_q[OctetCountWidth-1:3];

  always_ff @(posedge clk_i) begin
    source_q1  <= field_q != FieldSource ? 8'd0 : ipv4_i ? server_ipv4_i[{~index_q[1:0], 3'd0} +: 8] :
                                                           server_ipv6_i[{~index_q[3:0], 3'd0} +: 8];
    client_q1  <= field_q == FieldDestination ? wakeup_i.client[{~index_q[3:0], 3'd0} +: 8] : 8'd0;
    fixed_q1   <= fixed;
    memory_q1  <= field_q == FieldPrincipal && !last_address ? memory_q : 8'd0;
    ethernet_q1 <= field_q == FieldEthernet;
    known_q2   <= source_q1 | client_q1 | fixed_q1 | memory_q1 | ({8{ethernet_q1}} & memory_q);
    payload_q1 <= {from_message, index_q[2:0]};
    payload_q2 <= payload_q1;
    octet_q3   <= payload_q2[3] ? message_word_i[{payload_q2[2:0], 3'd0} +: 8] : known_q2;
  end

  // What is done with it in the third cycle ----------------------------------------------------------------------------
  typedef struct packed {
    logic valid;
    logic last;
    logic second;
    logic low;      // in the low half of its 16-bit word
    logic ip_sum;
    logic udp_sum;
  } use_t;

  use_t now, use_q1, use_q2, use_q3;

  assign now = '{
    valid:   octet,
    last:    pass_end,
    second:  second_q,
    low:     count_q[0],
    ip_sum:  !second_q && field_q inside {FieldIp, FieldSource, FieldDestination},
    udp_sum: !second_q && octet && !(field_q inside {FieldEthernet, FieldType, FieldIp})
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      use_q1 <= '0;
      use_q2 <= '0;
      use_q3 <= '0;
    end else begin
      use_q1 <= now;
      use_q2 <= use_q1;
      use_q3 <= use_q2;
    end
  end

  assign octet_o = '{valid: use_q3.valid && use_q3.second, last: use_q3.last, data: octet_q3};

  // Lengths and checksums: ones' complement sums, the carry added one cycle later ----------------------------------------
  logic [15:0] ip_sum_q, udp_sum_q, octet_word, ip_term, udp_term;
  logic ip_carry_q, udp_carry_q;
  logic [1:0] after_q;  // cycles since the last octet of the first pass was summed

  // The UDP length, summed behind the octets, stands in the UDP header and in the pseudo-header.
  assign octet_word = use_q3.low ? {8'd0, octet_q3} : {octet_q3, 8'd0};
  assign ip_term    = use_q3.ip_sum ? octet_word : after_q[0] ? length_q : 16'd0;
  assign udp_term   = use_q3.udp_sum ? octet_word : after_q != 2'd0 ? length_q : 16'd0;

  always_ff @(posedge clk_i) begin
    after_q <= {after_q[0], use_q3.last && !use_q3.second};
    if (start_i) begin
      // The IPv4 header's own octets in its length; the protocol of the pseudo-header.
      {ip_carry_q, ip_sum_q}   <= 17'd20;
      {udp_carry_q, udp_sum_q} <= 17'(ProtocolUdp);
    end else begin
      {ip_carry_q, ip_sum_q}   <= 17'(ip_sum_q) + 17'(ip_term) + 17'(ip_carry_q);
      {udp_carry_q, udp_sum_q} <= 17'(udp_sum_q) + 17'(udp_term) + 17'(udp_carry_q);
    end
    // UDP header 8, key-management header 3, then payload, or nonce 4 and principal.
    if (!second_q && field_q inside {FieldPrincipal, FieldPayload})
      length_q <= 16'(index_q) - (message_i ? 16'(HostHeaderOctets - 12) : 16'(PrincipalAddress - 16));
    ip_length_q    <= !second_q ? '0 : ipv4_i ? length_q + 16'd20 : length_q;
    ip_checksum_q  <= !second_q ? '0 : ~ip_sum_q;
    udp_checksum_q <= !second_q ? '0 : &udp_sum_q ? '1 : ~udp_sum_q;
  end

endmodule
