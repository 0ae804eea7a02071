// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Writes a server message (docs/architecture.md, "Server messages") octet by octet, twice: the first pass only sums for
// the checksums (RFC 1071) and finds the length, the second puts the octets out. docs/timing/egress.md E7: started in
// s-1, the stages of octet k of a frame of F octets are
//   s+2+k (sum), s+F+4+k (output)   its place in the sequence is known, memories are read
//   two and three cycles later      it is known; it is summed, or visible at octet_o
// In every header field the index counts up to 15; in the principal it is the address in the framing memory (128 to
// 255), in the payload that of the octet in the host message (32 to length - 1).
//
// Does not check what it is given.
module reveille_octet_sequencer
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic                              clk_i,
  input  logic                              rst_ni,

  input  logic [31:0]                       ipv4_i,                 // the server's
  input  address_t                          ipv6_i,
  input  logic [15:0]                       port_i,
  input  logic                              framing_write_i,
  input  logic [5:0]                        framing_address_i,
  input  logic [31:0]                       framing_data_i,

  input  logic                              start_i,
  input  job_t                              job_i,                  // stable from s on
  input  logic [OctetCountWidth-1:0]        message_length_i,       // host message, its header included; stable from s-1 on

  output logic [BufferAddressWidth-1:0]     message_address_o,      // word wanted: it comes back two cycles later
  input  logic [63:0]                       message_word_i,
  output octet_t                            octet_o
);

  typedef enum logic [3:0] {
    FieldNone,         // idle
    FieldStart,        // framing memory: address
    FieldFetch,        // framing memory: first octet
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

  localparam logic [5:0] ShortestFrame = 6'd60;

  // Place in the sequence ----------------------------------------------------------------------------------------------
  field_e field_q, field_d;
  logic [OctetCountWidth-1:0] index_q, index_d;
  logic second_q;                 // pass
  logic [5:0] count_q;            // octets of this pass, modulo 64
  logic long_q;                   // enough of them
  logic ipv4_q, vlan_q;
  logic [OctetCountWidth-1:0] udp_length_q, last_index_q;
  logic octet, field_end, message_end, long_enough, pass_end;
  logic [7:0] memory_octet_q;
  logic principal_end;

  assign octet         = !(field_q inside {FieldNone, FieldStart, FieldFetch});
  assign principal_end = memory_octet_q == 8'd0 || index_q[7:0] == 8'd255;
  assign message_end   = (field_q == FieldPrincipal && principal_end) ||
                         (field_q == FieldPayload && index_q == last_index_q);
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
        index_d = '0;
      end
      FieldEthernet: if (field_end) begin
        field_d = FieldType;
        index_d = OctetCountWidth'(14);
      end
      FieldType: if (field_end) begin
        field_d = FieldIp;
        index_d = ipv4_q ? OctetCountWidth'(4) : OctetCountWidth'(8);
      end
      FieldIp: if (field_end) begin
        field_d = FieldSource;
        index_d = ipv4_q ? OctetCountWidth'(12) : '0;
      end
      FieldSource: if (field_end) begin
        field_d = FieldDestination;
        index_d = ipv4_q ? OctetCountWidth'(12) : '0;
      end
      FieldDestination: if (field_end) begin
        field_d = FieldUdp;
        index_d = OctetCountWidth'(8);
      end
      FieldUdp: if (field_end) begin
        field_d = FieldHeader;
        index_d = OctetCountWidth'(13);
      end
      FieldHeader: if (field_end) begin
        field_d = job_i.message ? FieldPayload : FieldNonce;
        index_d = job_i.message ? OctetCountWidth'(HostHeaderOctets) : OctetCountWidth'(12);
      end
      FieldNonce: if (field_end) begin
        field_d = FieldPrincipal;
        index_d = OctetCountWidth'(128);
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
    index_q      <= index_d;
    count_q      <= octet ? count_q + 6'd1 : '0;
    long_q       <= octet && long_enough;
    last_index_q <= message_length_i - 1'b1;
    ipv4_q       <= job_i.client[127:32] == 96'hFFFF;
    // UDP header and what is behind it: 8 + 3 + payload, or 8 + 3 + 4 + principal.
    if (start_i) udp_length_q <= message_length_i - OctetCountWidth'(HostHeaderOctets - 11);
    else if (field_q == FieldPrincipal && !second_q) udp_length_q <= index_q - OctetCountWidth'(128 - 16);
  end

  // Framing memory: read one octet ahead -------------------------------------------------------------------------------
  logic [7:0] memory_address_q;
  logic [31:0] memory_word;
  logic [7:0] tagged_q;  // whether the hop entry holds a TPID

  reveille_lutram #(
    .Width(32),
    .Depth(64)
  ) u_framing (
    .clk_i,
    .we_i   (framing_write_i),
    .waddr_i(framing_address_i),
    .wdata_i(framing_data_i),
    .raddr_i(memory_address_q[7:2]),
    .rdata_o(memory_word)
  );

  always_ff @(posedge clk_i) begin
    memory_octet_q <= memory_word[{memory_address_q[1:0], 3'd0} +: 8];
    vlan_q         <= tagged_q[job_i.hop];
    if (field_q == FieldStart) memory_address_q <= {1'b0, job_i.hop, 4'd0};
    else if (field_q inside {FieldFetch, FieldEthernet, FieldPrincipal} || (field_q == FieldNonce && field_end))
      memory_address_q <= memory_address_q + 8'd1;
    else memory_address_q <= 8'd128;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) tagged_q <= '0;
    else if (framing_write_i && !framing_address_i[5] && framing_address_i[1:0] == 2'd3)
      tagged_q[framing_address_i[4:2]] <= framing_data_i[15:0] != 16'd0;
  end

  // The octet, two cycles later ----------------------------------------------------------------------------------------
  typedef struct packed {
    logic       valid;
    logic       last;
    logic       second;
    logic       low;      // in the low half of its 16-bit word
    logic       ip_sum;
    logic       udp_sum;
  } place_t;

  place_t place, place_q1, place_q2, place_q3;
  logic [3:0] payload_q1, payload_q2;  // {from the message, octet of the word}
  logic [15:0] ip_length_q, ip_checksum, udp_checksum_q;
  logic [127:0] address;
  logic [7:0] address_q1, fixed_q1, memory_q1, known_q2, octet_q3;
  logic [7:0] fixed;
  logic in_address;

  assign in_address = field_q inside {FieldSource, FieldDestination};
  assign address    = field_q == FieldDestination ? job_i.client : ipv4_q ? {96'd0, ipv4_i} : ipv6_i;
  assign message_address_o = index_q[OctetCountWidth-1:3];

  assign place = '{
    valid:   octet,
    last:    pass_end,
    second:  second_q,
    low:     count_q[0],
    ip_sum:  !second_q && (field_q == FieldIp || in_address),
    udp_sum: !second_q && octet && !(field_q inside {FieldEthernet, FieldType, FieldIp})
  };

  // Lengths and checksums are 0 in the first pass, and summed behind it.
  always_comb begin
    fixed = 8'd0;
    unique case (field_q)
      FieldType: begin
        if (ipv4_q) fixed = index_q[0] ? EtherTypeIpv4[7:0] : EtherTypeIpv4[15:8];
        else fixed = index_q[0] ? EtherTypeIpv6[7:0] : EtherTypeIpv6[15:8];
      end
      FieldIp: begin
        unique case ({ipv4_q, index_q[3:0]})
          {1'b1, 4'd4}:  fixed = 8'h45;
          {1'b1, 4'd6}:  fixed = second_q ? ip_length_q[15:8] : 8'd0;
          {1'b1, 4'd7}:  fixed = second_q ? ip_length_q[7:0] : 8'd0;
          {1'b1, 4'd10}: fixed = 8'h40;  // don't fragment
          {1'b1, 4'd12}: fixed = TimeToLive;
          {1'b1, 4'd13}: fixed = ProtocolUdp;
          {1'b1, 4'd14}: fixed = second_q ? ip_checksum[15:8] : 8'd0;
          {1'b1, 4'd15}: fixed = second_q ? ip_checksum[7:0] : 8'd0;
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
          3'd4:       fixed = second_q ? 8'(udp_length_q[OctetCountWidth-1:8]) : 8'd0;
          3'd5:       fixed = second_q ? udp_length_q[7:0] : 8'd0;
          3'd6:       fixed = second_q ? udp_checksum_q[15:8] : 8'd0;
          default:    fixed = second_q ? udp_checksum_q[7:0] : 8'd0;
        endcase
      end
      FieldHeader: fixed = index_q[1:0] == 2'd1 ? job_i.kmmid : index_q[1:0] == 2'd2 ? job_i.doi : job_i.version;
      FieldNonce:  fixed = job_i.nonce[{~index_q[1:0], 3'd0} +: 8];
      default:     fixed = 8'd0;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      place_q1 <= '0;
      place_q2 <= '0;
      place_q3 <= '0;
    end else begin
      place_q1 <= place;
      place_q2 <= place_q1;
      place_q3 <= place_q2;
    end
  end

  always_ff @(posedge clk_i) begin
    address_q1 <= in_address ? address[{~index_q[3:0], 3'd0} +: 8] : 8'd0;
    fixed_q1   <= fixed;
    memory_q1  <= field_q == FieldEthernet || (field_q == FieldPrincipal && !principal_end) ? memory_octet_q : 8'd0;
    known_q2   <= address_q1 | fixed_q1 | memory_q1;
    payload_q1 <= {field_q == FieldPayload, index_q[2:0]};
    payload_q2 <= payload_q1;
    octet_q3   <= payload_q2[3] ? message_word_i[{payload_q2[2:0], 3'd0} +: 8] : known_q2;
  end

  assign octet_o = '{valid: place_q3.valid && place_q3.second, last: place_q3.last, data: octet_q3};

  // Checksums: ones' complement sums with the carry added one cycle later ----------------------------------------------
  logic [15:0] ip_sum_q, udp_sum_q, octet_word, length_word, ip_term, udp_term;
  logic ip_carry_q, udp_carry_q;
  logic [1:0] after_q;  // cycles since the last octet of the first pass was summed

  assign octet_word  = place_q3.low ? {8'd0, octet_q3} : {octet_q3, 8'd0};
  assign length_word = 16'(udp_length_q);
  assign ip_checksum = ~ip_sum_q;

  // The UDP length stands in the UDP header and in the pseudo-header.
  assign ip_term  = place_q3.ip_sum ? octet_word : after_q[0] ? length_word : 16'd0;
  assign udp_term = place_q3.udp_sum ? octet_word : after_q != 2'd0 ? length_word : 16'd0;

  always_ff @(posedge clk_i) begin
    after_q <= {after_q[0], place_q3.last && !place_q3.second};
    if (start_i) begin
      // The IPv4 header's own octets in its length; the protocol of the pseudo-header.
      {ip_carry_q, ip_sum_q}   <= 17'd20;
      {udp_carry_q, udp_sum_q} <= 17'(ProtocolUdp);
    end else begin
      {ip_carry_q, ip_sum_q}   <= 17'(ip_sum_q) + 17'(ip_term) + 17'(ip_carry_q);
      {udp_carry_q, udp_sum_q} <= 17'(udp_sum_q) + 17'(udp_term) + 17'(udp_carry_q);
    end
    udp_checksum_q <= &udp_sum_q ? 16'hFFFF : ~udp_sum_q;
    ip_length_q    <= ipv4_q ? length_word + 16'd20 : length_word;
  end

endmodule
