// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Fourth stage of the frame parser: the key-management header, the DER length of an AP Request's KRB_AP_REQ (X.690) and
// the returned nonce behind it, or the first 64 bits of an SA Recovered's HMAC (docs/protocol.md, part 2, L17, L18).
// The nonce may begin at any octet. Where is known one cycle after the beat that holds the length, so that beats are
// taken one cycle late. A length of two or three octets takes another cycle, which is no loss: that nonce is 128 octets away.
// docs/timing.md I2: the value stands in T+4 and T+5; the facts are visible in T+4.
module reveille_keymgmt_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,
  input  logic           payload_next_i,   // the beat that comes begins with the UDP payload
  input  logic           payload_start_i,  // this beat holds the first octet of the UDP payload,
  input  logic           payload_at_4_i,   // at octet 4
  input  logic [7:0]     inside_i,         // octets of this beat inside the UDP length
  output tag_t           value_o,          // returned nonce in bits 31:0, or the tag
  output keymgmt_facts_t facts_o
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

  // The message's first seven octets: a header of four, with the DER tag; and three that hold the length
  typedef struct packed {
    logic [7:0] kmmid;
    logic [7:0] doi;
    logic [7:0] version;
    logic [7:0] der_tag;
  } header_t;

  header_t          header, header_q;
  logic [2:0][7:0]  length, length_q;  // first octet in [2]
  logic             length_next_q;     // the length comes in octets 0 to 2 of the next beat
  logic             brings_length;
  logic             is_sa_recovered_q; // as far as the beat before tells
  logic             sa_recovered;

  assign header        = payload_at_4_i ? datagram_i.data[31:0] : datagram_i.data[63:32];
  assign length        = length_next_q ? datagram_i.data[63:40] : datagram_i.data[31:8];
  assign brings_length = datagram_i.valid && !datagram_i.first && (length_next_q || payload_next_i);
  assign sa_recovered    = length_next_q ? is_sa_recovered_q : datagram_i.data[63:56] == SaRecovered;

  // Where the nonce begins, counted from octet 0 of the beat that holds the length. The second half of an SA Recovered's
  // tag lies where the nonce behind two octets of DER would.
  logic [3:0] near_low;
  logic [2:0] near;
  logic       near_here;
  assign near_low  = {1'b0, length[2][2:0]} + (length_next_q ? 4'd1 : 4'd5);
  assign near      = !sa_recovered ? near_low[2:0] : length_next_q ? 3'd3 : 3'd7;
  // Of both places of the length, for it is known late which one counts.
  assign near_here = sa_recovered || (length_next_q ? datagram_i.data[62:56] < 7'd7 : datagram_i.data[30:24] < 7'd3);

  // Beats a cycle later, with all that was found in the beat before
  logic             start_q, continue_q, at_4_q, valid_q;
  logic [7:0][7:0]  octets_q;  // octet i of the beat in [i]
  logic [7:0]       inside_q;
  logic [2:0]       position_q;
  logic [13:0]      skip_q;     // beats before the one in which the nonce begins,
  logic             one_more_q; // and one more: the carry of a sum that is never made
  logic             here_q;     // these are none: it begins in the beat that comes
  logic             waiting_q, rest_q;
  logic             long1_q, long2_q;  // the length takes two octets, or three,
  logic             far_q;             // ... which tells in this cycle only

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid) begin
      length_next_q <= payload_start_i && payload_at_4_i;
      if (payload_start_i) begin
        header_q          <= header;
        is_sa_recovered_q <= header.kmmid == SaRecovered;
        at_4_q            <= payload_at_4_i;
      end
      if (brings_length) begin
        length_q <= length;
        long1_q  <= length[2] == 8'h81;
        long2_q  <= length[2] == 8'h82;
      end
    end
    start_q         <= payload_start_i;
    continue_q      <= brings_length && length_next_q;
    far_q           <= brings_length && length[2] inside {8'h81, 8'h82} && !sa_recovered;
    valid_q         <= datagram_i.valid;
    octets_q        <= {<<8{datagram_i.data}};
    inside_q        <= inside_i;
  end

  // Long forms of the length
  logic [16:0] far_position;  // less 8, for one beat has passed

  assign far_position = {1'b0, long2_q ? length_q[1] : 8'd0, long2_q ? length_q[0] : length_q[1]} +
                        17'((at_4_q ? 17'd2 : 17'd6) + 17'(long2_q) - 17'd8);

  // The nonce: octet j from the first beat or, where it wraps, from the next one. Turned in three steps: by 4, 2 and 1.
  logic            begins;
  logic [3:0]      from_first, from_rest;
  logic [6:0][7:0] turned4;
  logic [4:0][7:0] turned2;
  logic [3:0][7:0] turned;

  assign begins  = waiting_q && valid_q && here_q && !far_q;
  assign turned4 = position_q[2] ? {octets_q[2:0], octets_q[7:4]} : octets_q[6:0];
  assign turned2 = position_q[1] ? turned4[6:2] : turned4[4:0];
  assign turned  = position_q[0] ? turned2[4:1] : turned2[3:0];

  always_comb begin
    for (int unsigned j = 0; j < 4; j++) begin
      logic wraps;
      wraps         = {1'b0, position_q} + 4'(j) >= 4'd8;
      from_first[j] = begins && !wraps;
      from_rest[j]  = rest_q && valid_q && wraps;
    end
  end

  logic whole_q;
  always_ff @(posedge clk_i) begin
    if (datagram_i.valid && datagram_i.first) begin
      waiting_q <= 1'b0;
      rest_q    <= 1'b0;
      whole_q   <= 1'b0;
    end
    if (brings_length) waiting_q <= 1'b1;
    if (length_next_q || payload_next_i) begin  // until that beat is there, which matters to nobody
      position_q <= near;
      skip_q     <= {10'd0, length[2][6:3]};
      one_more_q <= near_low[3];
      here_q     <= near_here;
    end else if (far_q) begin
      position_q <= far_position[2:0];
      skip_q     <= far_position[16:3];
      one_more_q <= 1'b0;
      here_q     <= 1'b0;
    end else if (valid_q && waiting_q) begin
      skip_q     <= skip_q - 14'(!one_more_q);
      one_more_q <= 1'b0;
      here_q     <= skip_q[13:1] == '0 && skip_q[0] == !one_more_q;
    end
    if (begins) begin
      waiting_q <= 1'b0;
      rest_q    <= !from_first[3];
    end
    if (valid_q && rest_q) rest_q <= 1'b0;
    if (from_first[3] || from_rest[3]) whole_q <= inside_q[position_q + 3'd3];

    for (int unsigned j = 0; j < 4; j++) begin
      if (from_first[j] || from_rest[j]) value_o[8*(3-j)+:8] <= turned[j];
    end
  end

  // First half of the tag: octets 3 to 6 of the payload, so of one beat or of two
  always_ff @(posedge clk_i) begin
    if (payload_start_i) begin
      value_o[63:32] <= '0;
    end else if (is_sa_recovered_q) begin
      if (start_q) value_o[63:56] <= at_4_q ? octets_q[7] : octets_q[3];
      if (at_4_q ? continue_q : start_q) begin
        value_o[55:32] <= at_4_q ? {octets_q[0], octets_q[1], octets_q[2]} : {octets_q[4], octets_q[5], octets_q[6]};
      end
    end
  end

  logic version_good;
  always_comb begin
    version_good = 1'b0;
    for (int unsigned i = 0; i < 4; i++) begin
      version_good |= config_i.version_enable[i] && header_q.version == config_i.version[i];
    end
  end

  logic ap_request_q, sa_recovered_q, unsupported_q, strict_q;
  always_ff @(posedge clk_i) begin
    ap_request_q   <= header_q.kmmid == ApRequest;
    sa_recovered_q <= is_sa_recovered_q;
    unsupported_q  <= !(header_q.kmmid inside {WakeUp, ApRequest, ApReply, SaRecovered, Rekey, ErrorReply}) ||
                      !((header_q.doi == 8'd1 && config_i.doi_ipsec) || (header_q.doi == 8'd2 && config_i.doi_snmp)) ||
                      !version_good;
    strict_q       <= header_q.der_tag == ApReqTag &&
                      (!length_q[2][7] || (long1_q && length_q[1][7]) || (long2_q && length_q[1] != '0));
  end
  assign facts_o = '{unsupported: unsupported_q, ap_request: ap_request_q, sa_recovered: sa_recovered_q,
                     whole: strict_q && whole_q};

endmodule
