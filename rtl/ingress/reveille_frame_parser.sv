// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// From the beats of a frame to its source and a descriptor (docs/protocol.md, parts 3 and 4). Takes a beat in every
// cycle for ever; a stage a layer: Ethernet aligns the frame to its datagram, the others take their fields from the
// beats that pass, and hand them on. docs/timing/ingress.md: I2, I3. For a frame's last beat:
//
//   T      T+3               T+4              T+5                T+7, T+8   T+10      T+11
//   beat_i -> ethernet beats -> ip, addresses -> udp -+-> keymgmt -> facts -> verdict -> descriptor_o
//                                  |                  +-> checksum ----------> good -----^
//                                  +-> source, to client_hash
//
// What a stage has found out of a frame changes with the next frame's datagram, whose first beat is beside ethernet in
// T+5 at the earliest: facts stand for two cycles.
//
// Judges nothing that needs a session: verdicts 9 to 16 are the guard's.
`include "reveille_assert.svh"

module reveille_frame_parser
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  server_config_t config_i,
  input  time_t          time_i,
  input  beat_t          beat_i,

  // To client_hash
  output address_t       source_o,        // of the frame whose beats pass
  output logic           source_ipv4_o,   // it is there in the next cycle: an IPv4 address,
  output logic           source_upper_o,  // ... the upper half of an IPv6 one,
  output logic           source_lower_o,  // ... the lower half
  output address_t       client_o,        // T+7, of a frame with n >= 7: its source,
  output time_t          client_now_o,    // and its time

  output tag_t           lookup_value_o,
  output descriptor_t    descriptor_o
);

  datagram_beat_t ethernet_beat, ip_beat, udp_beat;
  logic           end_valid;
  frame_end_t     frame_end;

  reveille_ethernet_parser u_ethernet (
    .clk_i, .rst_ni, .beat_i, .time_i,
    .datagram_o        (ethernet_beat),
    .frame_end_valid_o (end_valid),
    .frame_end_o       (frame_end)
  );

  logic           udp_start, udp_at_4;
  coverage_t      ip_coverage, coverage;
  logic [16:0]    payload_length;
  ip_facts_t      ip;
  address_facts_t address;

  reveille_ip_parser u_ip (
    .clk_i, .config_i,
    .datagram_i       (ethernet_beat),
    .datagram_o       (ip_beat),
    .source_o,
    .source_ipv4_o,
    .source_upper_o,
    .source_lower_o,
    .address_facts_o  (address),
    .udp_start_o      (udp_start),
    .udp_at_4_o       (udp_at_4),
    .coverage_o       (ip_coverage),
    .payload_length_o (payload_length),
    .facts_o          (ip)
  );

  logic        payload_start, payload_at_4;
  logic [7:0]  inside_udp;
  logic [15:0] udp_length;
  udp_facts_t  udp;

  reveille_udp_parser u_udp (
    .clk_i, .rst_ni,
    .port_i           (config_i.port),
    .datagram_i       (ip_beat),
    .udp_start_i      (udp_start),
    .udp_at_4_i       (udp_at_4),
    .coverage_i       (ip_coverage),
    .payload_length_i (payload_length),
    .datagram_o       (udp_beat),
    .coverage_o       (coverage),
    .inside_o         (inside_udp),
    .length_o         (udp_length),
    .payload_start_o  (payload_start),
    .payload_at_4_o   (payload_at_4),
    .facts_o          (udp)
  );

  logic header_good, udp_good;

  reveille_checksum u_checksum (
    .clk_i,
    .datagram_i    (udp_beat),
    .coverage_i    (coverage),
    .inside_i      (inside_udp),
    .udp_length_i  (udp_length),
    .header_good_o (header_good),
    .udp_good_o    (udp_good)
  );

  keymgmt_facts_t keymgmt;

  reveille_keymgmt_parser u_keymgmt (
    .clk_i, .config_i,
    .datagram_i      (udp_beat),
    .payload_start_i (payload_start),
    .payload_at_4_i  (payload_at_4),
    .udp_length_i    (udp_length),
    .value_o         (lookup_value_o),
    .facts_o         (keymgmt)
  );

  // The frame waits for its facts: what it is as a whole, from T+3 to T+10
  localparam int unsigned EndCycle   = 3;
  localparam int unsigned TakeCycle  = 6;  // the source is copied before the next one comes
  localparam int unsigned FactsCycle = 8;
  localparam int unsigned LastCycle  = 10;

  typedef struct packed {
    logic datagram;
    logic unread;
    logic shows_source;
    logic looked_up;
    logic oversize;
  } frame_t;

  frame_t                        frame;
  logic   [LastCycle:EndCycle+1] valid_q;  // [i]: T+i
  frame_t [LastCycle:EndCycle+1] frame_q;
  time_t                         now;      // T+10

  assign frame = '{datagram: frame_end.datagram, unread: frame_end.unread, shows_source: frame_end.shows_source,
                   looked_up: frame_end.looked_up, oversize: frame_end.oversize};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[LastCycle-1:EndCycle+1], end_valid};
  end

  always_ff @(posedge clk_i) frame_q <= {frame_q[LastCycle-1:EndCycle+1], frame};

  reveille_delay #(
    .Width ($bits(time_t)),
    .Cycles(LastCycle - EndCycle)
  ) u_now (
    .clk_i, .rst_ni,
    .data_i(frame_end.now),
    .data_o(now)
  );

  // T+7 to T+11: the source, of frames that are long enough to show one; and the time of those with a look-up
  always_ff @(posedge clk_i) begin
    if (valid_q[TakeCycle] && frame_q[TakeCycle].shows_source) client_o <= source_o;
    if (end_valid && frame_end.looked_up) client_now_o <= frame_end.now;
  end

  // T+8: what the facts come to. A frame is unparsable, fragmented or judged, or it bypasses.
  logic guarded, first_fragment, hits_port, message;

  assign guarded        = frame_q[FactsCycle].datagram && !frame_q[FactsCycle].oversize && ip.version_good &&
                          address.counts;
  assign hits_port      = ip.udp && (!udp.ports || ip.ports_cut || udp.port_match);
  assign first_fragment = ip.first_fragment && (ip.header_cut || hits_port);
  assign message        = !ip.first_fragment && ip.udp && udp.header && udp.port_match;

  // The first verdict that applies to a judged frame with good lengths and checksums
  logic     undecided;
  verdict_e content;

  always_comb begin
    undecided = 1'b0;
    content   = VerdictMalformed;
    if (address.bad)                                       content = VerdictBadSource;
    else if (udp.no_message)                               content = VerdictMalformed;
    else if (keymgmt.unsupported)                          content = VerdictUnsupported;
    else if (!keymgmt.ap_request && !keymgmt.sa_recovered) content = VerdictWrongDirection;
    else undecided = keymgmt.ap_request ? keymgmt.whole : udp.sa_recovered_long;
  end

  // T+9
  logic     unread_q, unparsable_q, fragmented_q, judged_q;
  logic     bad_length_q, needs_header_sum_q, needs_udp_sum_q, checksum_missing_q, undecided_q, ap_request_q;
  verdict_e content_q;

  always_ff @(posedge clk_i) begin
    unread_q           <= frame_q[FactsCycle].unread && !frame_q[FactsCycle].oversize;
    unparsable_q       <= guarded && ip.unparsable;
    fragmented_q       <= guarded && !ip.unparsable &&
                          (ip.later_fragment ? config_i.drop_later_fragments : first_fragment);
    judged_q           <= guarded && !ip.unparsable && !ip.later_fragment && message;
    bad_length_q       <= ip.too_long || udp.bad_length;
    needs_header_sum_q <= ip.ipv4;
    needs_udp_sum_q    <= !udp.no_checksum;
    checksum_missing_q <= udp.no_checksum && !ip.ipv4;
    content_q          <= content;
    undecided_q        <= undecided;
    ap_request_q       <= keymgmt.ap_request;
  end

  // T+10: all but the checksums. `early` holds whatever they are; `late` if they are good.
  typedef struct packed {
    logic     applies;
    verdict_e verdict;
  } early_t;

  early_t   early_q;
  verdict_e late_q;
  logic     shows_q, late_undecided_q, late_ap_request_q, late_header_sum_q, late_udp_sum_q, late_checksum_missing_q;

  always_ff @(posedge clk_i) begin
    early_q.applies <= 1'b1;
    if (unread_q || unparsable_q)      early_q.verdict <= VerdictUnparsable;
    else if (fragmented_q)             early_q.verdict <= VerdictFragmented;
    else if (!judged_q)                early_q.verdict <= VerdictBypass;
    else if (bad_length_q)             early_q.verdict <= VerdictBadLength;
    else begin
      early_q.applies <= 1'b0;
      early_q.verdict <= VerdictBypass;
    end
    late_q                  <= undecided_q ? VerdictBypass : content_q;
    shows_q                 <= unparsable_q || fragmented_q || judged_q;
    late_undecided_q        <= undecided_q;
    late_ap_request_q       <= ap_request_q;
    late_header_sum_q       <= needs_header_sum_q;
    late_udp_sum_q          <= needs_udp_sum_q;
    late_checksum_missing_q <= checksum_missing_q;
  end

  logic checksum_good;
  assign checksum_good = !late_checksum_missing_q && (header_good || !late_header_sum_q) &&
                         (udp_good || !late_udp_sum_q);

  // T+11: descriptor
  logic        descriptor_valid_q;
  descriptor_t descriptor_q;  // but for valid

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) descriptor_valid_q <= 1'b0;
    else         descriptor_valid_q <= valid_q[LastCycle];
  end

  always_ff @(posedge clk_i) begin
    descriptor_q <= '{
      valid:      1'b1,
      oversize:   frame_q[LastCycle].oversize,
      decided:    early_q.applies || !checksum_good || !late_undecided_q,
      verdict:    early_q.applies ? early_q.verdict : checksum_good ? late_q : VerdictBadChecksum,
      ap_request: !early_q.applies && checksum_good && late_undecided_q && late_ap_request_q,
      looked_up:  frame_q[LastCycle].looked_up,
      nonce:      lookup_value_o[31:0],
      source:     client_o,
      now:        now
    };
    if (!shows_q) descriptor_q.source <= '0;
  end

  always_comb begin
    descriptor_o       = descriptor_q;
    descriptor_o.valid = descriptor_valid_q;
  end

  // A descriptor that needs a session comes only from a frame that was looked up.
  `REVEILLE_ASSERT(UndecidedIsLookedUp, descriptor_o.valid && !descriptor_o.decided |-> descriptor_o.looked_up)

endmodule
