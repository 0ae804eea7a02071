// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// From the beats of a frame to its source and a descriptor (docs/protocol.md, parts 3 and 4). Takes a beat in every
// cycle for ever; a stage a layer: Ethernet aligns the frame to its datagram, the others take their fields from the
// beats that pass, and hand them on. docs/timing/ingress.md: I2, I3. For a frame's last beat:
//
//   T      T+3               T+4              T+5, T+6         T+8, T+9    T+11      T+12
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

  // To client_hash and nonce_store
  output logic [63:0]    source_o,        // octets of a datagram,
  output logic           source_ipv4_o,   // whose last four are an IPv4 source,
  output logic           source_upper_o,  // ... which are the upper half of an IPv6 source,
  output logic           source_lower_o,  // ... the lower half
  output address_t       client_o,        // T+8, of a frame with n >= 7: its source

  output tag_t           lookup_value_o,
  output descriptor_t    descriptor_o
);

  datagram_beat_t ethernet_beat, ip_beat, udp_beat;
  logic           end_valid;
  frame_end_t     frame_end;

  reveille_ethernet_parser u_ethernet (
    .clk_i, .rst_ni, .beat_i,
    .datagram_o        (ethernet_beat),
    .frame_end_valid_o (end_valid),
    .frame_end_o       (frame_end)
  );

  logic           follows, udp_start, udp_at_4;
  coverage_t      ip_coverage, coverage;
  logic [16:0]    payload_length;
  ip_facts_t      ip;
  address_facts_t address;
  address_t       source;

  reveille_ip_parser u_ip (
    .clk_i, .config_i,
    .datagram_i       (ethernet_beat),
    .datagram_o       (ip_beat),
    .source_o         (source),
    .source_ipv4_o,
    .source_upper_o,
    .source_lower_o,
    .address_facts_o  (address),
    .follows_o        (follows),
    .udp_start_o      (udp_start),
    .udp_at_4_o       (udp_at_4),
    .coverage_o       (ip_coverage),
    .payload_length_o (payload_length),
    .facts_o          (ip)
  );

  assign source_o = ip_beat.data;

  logic        payload_start, payload_at_4;
  logic [7:0]  inside_udp;
  logic [15:0] udp_length;
  udp_facts_t  udp;

  reveille_udp_parser u_udp (
    .clk_i, .rst_ni,
    .port_i           (config_i.port),
    .datagram_i       (ip_beat),
    .follows_i        (follows),
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
  logic           whole;

  reveille_keymgmt_parser u_keymgmt (
    .clk_i, .config_i,
    .datagram_i      (udp_beat),
    .payload_start_i (payload_start),
    .payload_at_4_i  (payload_at_4),
    .udp_length_i    (udp_length),
    .value_o         (lookup_value_o),
    .facts_o         (keymgmt),
    .whole_o         (whole)
  );

  // The frame waits for its facts: what it is as a whole, from T+3 to T+11
  localparam int unsigned EndCycle   = 3;
  localparam int unsigned TakeCycle  = 7;  // the source is copied before the next one comes
  localparam int unsigned FactsCycle = 8;
  localparam int unsigned LastCycle  = 11;

  logic       [LastCycle:EndCycle+1] valid_q;  // [i]: T+i
  frame_end_t [LastCycle:EndCycle+1] frame_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[LastCycle-1:EndCycle+1], end_valid};
  end

  always_ff @(posedge clk_i) frame_q <= {frame_q[LastCycle-1:EndCycle+1], frame_end};

  // T+8 to T+12: the source, of frames that are long enough to show one
  always_ff @(posedge clk_i) begin
    if (valid_q[TakeCycle] && frame_q[TakeCycle].shows_source) client_o <= source;
  end

  time_t descriptor_now;

  reveille_frame_time u_time (
    .clk_i, .rst_ni, .time_i,
    .beat_valid_i    (beat_i.valid),
    .beat_last_i     (beat_i.last),
    .descriptor_now_o(descriptor_now)
  );

  // T+9: a frame is unparsable, fragmented or judged, or it bypasses.
  typedef struct packed {
    logic unread;
    logic guarded;         // a datagram that is not left alone from the start
    logic unparsable;
    logic later_fragment;
    logic first_fragment;
    logic header_cut;
    logic hits_port;       // ... as a fragment, as far as it shows
    logic message;
    logic ipv4;
    logic bad_length;
    logic bad_source;
    logic no_message;
    logic sa_recovered_long;
    logic no_checksum;
  } found_t;

  found_t found_q;

  always_ff @(posedge clk_i) begin
    found_q <= '{
      unread:            frame_q[FactsCycle].unread && !frame_q[FactsCycle].oversize,
      guarded:           frame_q[FactsCycle].datagram && !frame_q[FactsCycle].oversize && ip.version_good &&
                         address.counts,
      unparsable:        ip.unparsable,
      later_fragment:    ip.later_fragment,
      first_fragment:    ip.first_fragment,
      header_cut:        ip.header_cut,
      hits_port:         ip.udp && (!udp.ports || ip.ports_cut || udp.port_match),
      message:           !ip.first_fragment && ip.udp && udp.header && udp.port_match,
      ipv4:              ip.ipv4,
      bad_length:        ip.too_long || udp.too_short || udp.too_long,
      bad_source:        address.bad,
      no_message:        udp.no_message,
      sa_recovered_long: udp.sa_recovered_long,
      no_checksum:       udp.no_checksum
    };
  end

  // The first verdict that applies to a judged frame with good lengths and checksums, if it is whole
  logic     undecided;
  verdict_e content;

  always_comb begin
    undecided = 1'b0;
    content   = VerdictMalformed;
    if (found_q.bad_source)                                content = VerdictBadSource;
    else if (found_q.no_message)                           content = VerdictMalformed;
    else if (keymgmt.unsupported)                          content = VerdictUnsupported;
    else if (!keymgmt.ap_request && !keymgmt.sa_recovered) content = VerdictWrongDirection;
    else undecided = keymgmt.ap_request || found_q.sa_recovered_long;
  end

  // T+10
  logic     unread_q, unparsable_q, fragmented_q, judged_q;
  logic     bad_length_q, header_sum_q, udp_sum_q, checksum_missing_q;
  logic     undecided_q, undecided_if_whole_q;
  verdict_e content_q;

  always_ff @(posedge clk_i) begin
    unread_q           <= found_q.unread;
    unparsable_q       <= found_q.guarded && found_q.unparsable;
    fragmented_q       <= found_q.guarded && !found_q.unparsable &&
                          (found_q.later_fragment ? config_i.drop_later_fragments :
                           found_q.first_fragment && (found_q.header_cut || found_q.hits_port));
    judged_q           <= found_q.guarded && !found_q.unparsable && !found_q.later_fragment && found_q.message;
    bad_length_q       <= found_q.bad_length;
    header_sum_q       <= found_q.ipv4;
    udp_sum_q          <= !found_q.no_checksum;
    checksum_missing_q <= found_q.no_checksum && !found_q.ipv4;
    content_q          <= content;
    undecided_q          <= undecided && !keymgmt.ap_request;
    undecided_if_whole_q <= undecided && keymgmt.ap_request;
  end

  // T+11: all but the checksums, and which of them have to be good
  logic     checks_content, is_undecided;
  verdict_e verdict_q;
  logic     hides_q, late_undecided_q, late_ap_request_q, needs_header_q, needs_udp_q, needs_more_q;

  assign checks_content = judged_q && !unread_q && !fragmented_q && !bad_length_q;
  assign is_undecided   = undecided_q || (undecided_if_whole_q && whole);

  always_ff @(posedge clk_i) begin
    verdict_q <= is_undecided ? VerdictBypass : content_q;
    if (bad_length_q)             verdict_q <= VerdictBadLength;
    if (!judged_q)                verdict_q <= VerdictBypass;
    if (fragmented_q)             verdict_q <= VerdictFragmented;
    if (unread_q || unparsable_q) verdict_q <= VerdictUnparsable;
    hides_q           <= !(valid_q[LastCycle-1] && (unparsable_q || fragmented_q || judged_q));
    late_undecided_q  <= checks_content && is_undecided;
    late_ap_request_q <= checks_content && undecided_if_whole_q && whole;
    needs_header_q    <= checks_content && header_sum_q;
    needs_udp_q       <= checks_content && udp_sum_q;
    needs_more_q      <= checks_content && checksum_missing_q;
  end

  logic bad_checksum;
  assign bad_checksum = needs_more_q || (needs_header_q && !header_good) || (needs_udp_q && !udp_good);

  // T+12: descriptor
  logic        descriptor_valid_q;
  descriptor_t descriptor_q;  // but for valid and now

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) descriptor_valid_q <= 1'b0;
    else         descriptor_valid_q <= valid_q[LastCycle];
  end

  always_ff @(posedge clk_i) begin
    descriptor_q <= '{
      valid:      1'b0,
      oversize:   frame_q[LastCycle].oversize,
      decided:    bad_checksum || !late_undecided_q,
      verdict:    bad_checksum ? VerdictBadChecksum : verdict_q,
      ap_request: !bad_checksum && late_ap_request_q,
      looked_up:  frame_q[LastCycle].looked_up,
      nonce:      lookup_value_o[31:0],
      source:     client_o,
      now:        '0
    };
    if (hides_q) descriptor_q.source <= '0;
  end

  always_comb begin
    descriptor_o       = descriptor_q;
    descriptor_o.valid = descriptor_valid_q;
    descriptor_o.now   = descriptor_now;
  end

  // A descriptor that needs a session comes only from a frame that was looked up.
  `REVEILLE_ASSERT(UndecidedIsLookedUp, descriptor_o.valid && !descriptor_o.decided -> descriptor_o.looked_up)

endmodule
