// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Fourth stage of the frame parser: the key-management header, the DER length of an AP Request's KRB_AP_REQ (X.690) and
// the returned nonce behind it, or the first 64 bits of an SA Recovered's HMAC (docs/protocol.md, part 2, L17, L18).
//
//   octet of the message   0      1    2        3        4 ..                      behind the length and its content
//   AP Request             KMMID  DOI  version  DER tag  DER length of 1, 2 or 3   nonce (4)
//   SA Recovered           KMMID  DOI  version  HMAC: first half in octets 3 to 6, second half in octets 7 to 10
//
// A message begins at octet 0 or 4 of a beat, so octet 4 lies in the same beat at octet 4, or in the next one at octet
// 0: that is the length's beat, and the place of the value is counted from its octet 0. The second half of the HMAC
// lies where the nonce behind three octets of length and no content would, so it is found in the same way.
//
// Each beat goes through three cycles. In the first its fields are taken; in the second the place is computed; in the
// third the place is compared with the beat's number; behind it the four octets of the value are taken out of one beat
// or two. For a frame's last beat: it comes in T+6, the facts are visible in T+9 and whole_o in T+10, value_o in T+10
// and T+11 (I2).
module reveille_keymgmt_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,
  input  logic           payload_start_i,  // this beat holds the first octet of the message,
  input  logic           payload_at_4_i,   // at octet 4, else at octet 0
  input  logic [15:0]    udp_length_i,
  output tag_t           value_o,          // returned nonce in bits 31:0, or the tag
  output keymgmt_facts_t facts_o,
  output logic           whole_o           // AP Request: strict DER length, and the nonce inside the UDP payload
);

  typedef enum logic [7:0] {
    WakeUp      = 8'd1,
    ApRequest   = 8'd2,
    ApReply     = 8'd3,
    SaRecovered = 8'd4,
    Rekey       = 8'd5,
    ErrorReply  = 8'd6
  } kmmid_e;

  localparam logic [7:0] ApReqTag = 8'h6E;  // [APPLICATION 14], constructed
  localparam logic [7:0] Length1  = 8'h81;  // one octet of length follows
  localparam logic [7:0] Length2  = 8'h82;  // two

  // The message is whole if UDP is so much longer than the content, and the octets of the length: its own header, the
  // four octets before the length, and the nonce.
  localparam int unsigned OtherOctets = 8 + 4 + 4;

  // First cycle: the message's first seven octets
  typedef struct packed {
    logic [7:0] kmmid;
    logic [7:0] doi;
    logic [7:0] version;
    logic [7:0] der_tag;
  } header_t;

  header_t         header, header_q;
  logic [2:0][7:0] length_q;        // octets 4 to 6, octet 4 in [2]
  logic            length_next_q;   // the length's beat comes next, at its octet 0
  logic            length_here, length_at_4;
  logic            sa_recovered_q;
  logic            long1_q, long2_q;

  assign header      = payload_at_4_i ? datagram_i.data[31:0] : datagram_i.data[63:32];
  assign length_at_4 = payload_start_i && !payload_at_4_i;
  assign length_here = length_at_4 || (datagram_i.valid && length_next_q);

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) length_next_q <= payload_start_i && payload_at_4_i;
    if (payload_start_i) begin
      header_q       <= header;
      sa_recovered_q <= header.kmmid == SaRecovered;
    end
    if (length_here) begin
      length_q <= length_next_q ? datagram_i.data[63:40] : datagram_i.data[31:8];
      long1_q  <= length_next_q ? datagram_i.data[63:56] == Length1 : datagram_i.data[31:24] == Length1;
      long2_q  <= length_next_q ? datagram_i.data[63:56] == Length2 : datagram_i.data[31:24] == Length2;
    end
  end

  // The beats behind the first cycle, and behind the second; a message's beats count from the length's
  logic            fields_valid_q, fields_length_q, fields_at_4_q;
  logic [7:0][7:0] fields_data_q;
  logic            place_valid_q, place_length_q;
  logic [7:0][7:0] place_data_q;
  logic [10:0]     number_q;  // of the beat behind the second cycle; a frame that has more is oversize

  always_ff @(posedge clk_i) begin
    fields_valid_q  <= datagram_i.valid;
    fields_length_q <= length_here;
    fields_at_4_q   <= length_at_4;
    fields_data_q   <= {<<8{datagram_i.data}};
    place_valid_q   <= fields_valid_q;
    place_length_q  <= fields_length_q;
    place_data_q    <= fields_data_q;
    if (fields_length_q)     number_q <= '0;
    else if (fields_valid_q) number_q <= number_q + 1'b1;
  end

  // Second cycle: where the value begins: `content` octets behind the length, which ends in the length's beat. That is
  // at octet begin_q of the beat with the number content/8, or of the one behind it.
  logic [15:0] content_q;
  logic [1:0]  length_octets_q;
  logic [2:0]  begin_low;   // of what begin_q adds up the last two bits, and their carry,
  logic        begin_high;  // ... and the content's bit above them
  logic [2:0]  begin_q;
  logic        one_beat_on_q;

  always_comb begin
    begin_high = length_q[2][2];
    begin_low  = {1'b0, length_q[2][1:0]} + 3'd1;
    if (long1_q) begin
      begin_high = length_q[1][2];
      begin_low  = {1'b0, length_q[1][1:0]} + 3'd2;
    end
    if (long2_q) begin
      begin_high = length_q[0][2];
      begin_low  = {1'b0, length_q[0][1:0]} + 3'd3;
    end
    if (sa_recovered_q) begin
      begin_high = 1'b0;
      begin_low  = 3'd3;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fields_length_q) begin
      content_q                   <= {9'd0, length_q[2][6:0]};
      length_octets_q             <= 2'd1;
      {one_beat_on_q, begin_q[2]} <= {1'b0, begin_high} + {1'b0, fields_at_4_q} + {1'b0, begin_low[2]};
      begin_q[1:0]                <= begin_low[1:0];
      if (long1_q) begin
        content_q       <= {8'd0, length_q[1]};
        length_octets_q <= 2'd2;
      end
      if (long2_q) begin
        content_q       <= {length_q[1], length_q[0]};
        length_octets_q <= 2'd3;
      end
      if (sa_recovered_q) begin
        content_q       <= '0;
        length_octets_q <= 2'd3;
      end
    end
  end

  // Third cycle: whether this is the beat; its octets turned so that the value begins at octet 0 or 1. Before a frame's
  // length is there the place is that of the frame before: what is taken then is taken again, or the frame has no
  // value.
  logic            counted_upper_q, counted_lower_q;  // this beat has the number content/8, if both,
  logic            counted_before_q;                  // ... the one before it had
  logic            turned_valid_q, turned_length_q;
  logic [6:0][7:0] turned4;
  logic [4:0][7:0] turned_q;
  logic            counted, is_first;                 // this beat holds the value's first octet

  assign turned4  = begin_q[2] ? {place_data_q[2:0], place_data_q[7:4]} : place_data_q[6:0];
  assign counted  = counted_upper_q && counted_lower_q;
  assign is_first = turned_valid_q && (one_beat_on_q ? counted_before_q && !turned_length_q : counted);

  always_ff @(posedge clk_i) begin
    counted_upper_q <= {2'd0, number_q[10:6]} == content_q[15:9];
    counted_lower_q <= number_q[5:0] == content_q[8:3];
    turned_valid_q  <= place_valid_q;
    turned_length_q <= place_length_q;
    turned_q        <= begin_q[1] ? turned4[6:2] : turned4[4:0];
    if (turned_valid_q) counted_before_q <= counted;
  end

  // Octet j of the value is in its first beat or, where it wraps, in the next one.
  logic       rest_q;              // the next beat has the rest
  logic [3:0] wraps, takes;
  tag_t       value_q;

  always_comb begin
    for (int unsigned j = 0; j < 4; j++) begin
      wraps[j] = {1'b0, begin_q} + 4'(j) >= 4'd8;
      takes[j] = wraps[j] ? rest_q && turned_valid_q : is_first;
    end
  end

  always_ff @(posedge clk_i) begin
    if (turned_valid_q) rest_q <= is_first;
    for (int unsigned j = 0; j < 4; j++) begin
      if (takes[j]) value_q[8*(3-j)+:8] <= begin_q[0] ? turned_q[j+1] : turned_q[j];
    end
    value_q[63:32] <= sa_recovered_q ? {header_q.der_tag, length_q} : '0;
  end

  assign value_o = value_q;

  // T+8, T+9: facts
  logic [3:0] version_equal_q;
  logic       known_q, doi_ipsec_q, doi_snmp_q, ap_request_q, sa_recovered_late_q;

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < 4; i++) version_equal_q[i] <= header_q.version == config_i.version[i];
    known_q             <= header_q.kmmid inside {WakeUp, ApRequest, ApReply, SaRecovered, Rekey, ErrorReply};
    doi_ipsec_q         <= header_q.doi == 8'd1;
    doi_snmp_q          <= header_q.doi == 8'd2;
    ap_request_q        <= header_q.kmmid == ApRequest;
    sa_recovered_late_q <= sa_recovered_q;

    facts_o <= '{
      unsupported:  !known_q || !((doi_ipsec_q && config_i.doi_ipsec) || (doi_snmp_q && config_i.doi_snmp)) ||
                    (version_equal_q & config_i.version_enable) == '0,
      ap_request:   ap_request_q,
      sa_recovered: sa_recovered_late_q
    };
  end

  // T+8: the length is strict; T+9: what UDP is longer than the content; T+10: whole
  logic        tag_good_q, length_good_q, strict_q;
  logic [16:0] longer_q;  // signed

  always_ff @(posedge clk_i) begin
    tag_good_q    <= header_q.der_tag == ApReqTag;
    length_good_q <= !length_q[2][7] || (long1_q && length_q[1][7]) || (long2_q && length_q[1] != '0);
    strict_q      <= tag_good_q && length_good_q;
    longer_q      <= {1'b0, udp_length_i} - {1'b0, content_q};
    whole_o       <= strict_q && !longer_q[16] && longer_q[15:0] >= 16'(OtherOctets) + {14'd0, length_octets_q};
  end

endmodule
