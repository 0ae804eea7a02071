// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// From the beats of a frame to a look-up and a descriptor (docs/protocol.md, parts 3 and 4). Takes a beat in every cycle
// for ever; a stage a layer: Ethernet aligns the frame to its datagram, the others take their fields from the beats
// that pass. What a stage has found out of a frame stands until the next frame's datagram begins, T+4 at the earliest.
// docs/timing.md: I1, I2, I3.
//
//   beat_i -> ethernet -> datagram beats -+-> ip -> udp -> keymgmt -> facts, T+4 -> descriptor_o, T+6
//                                         |   +-> client_hash -> lookup_o, T+2
//                                         +-> checksum
//
// Judges nothing that needs a session: verdicts 9 to 16 are the guard's.
module reveille_frame_parser
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  server_config_t          config_i,
  input  logic [HashKeyWidth-1:0] hash_key_i,
  input  time_t                   time_i,
  input  beat_t                   beat_i,
  output row_t                    next_row0_o,    // lookup_o's, a cycle early
  output row_t                    next_row1_o,
  output lookup_t                 lookup_o,
  output tag_t                    lookup_value_o,
  output descriptor_t             descriptor_o
);

  datagram_beat_t datagram;
  frame_end_t     frame_end;

  reveille_ethernet_parser u_ethernet (
    .clk_i, .rst_ni, .beat_i, .time_i,
    .datagram_o  (datagram),
    .frame_end_o (frame_end)
  );

  address_t    source;
  logic        source_next, source_ipv6, source_ipv4, source_upper, source_lower;
  logic        udp_start, udp_at_4;
  coverage_t   ip_coverage, coverage;
  logic [16:0] payload_length;
  ip_facts_t   ip;

  reveille_ip_parser u_ip (
    .clk_i, .config_i,
    .datagram_i       (datagram),
    .source_o         (source),
    .source_next_o    (source_next),
    .source_ipv6_o    (source_ipv6),
    .source_ipv4_o    (source_ipv4),
    .source_upper_o   (source_upper),
    .source_lower_o   (source_lower),
    .udp_start_o      (udp_start),
    .udp_at_4_o       (udp_at_4),
    .coverage_o       (ip_coverage),
    .payload_length_o (payload_length),
    .facts_o          (ip)
  );

  logic        udp_high, udp_low, payload_next, payload_start;
  logic [7:0]  inside_udp;
  logic [15:0] udp_length;
  udp_facts_t  udp;

  reveille_udp_parser u_udp (
    .clk_i, .rst_ni,
    .port_i           (config_i.port),
    .datagram_i       (datagram),
    .udp_start_i      (udp_start),
    .udp_at_4_i       (udp_at_4),
    .payload_length_i (payload_length),
    .covered_high_o   (udp_high),
    .covered_low_o    (udp_low),
    .inside_o         (inside_udp),
    .length_o         (udp_length),
    .payload_next_o   (payload_next),
    .payload_start_o  (payload_start),
    .facts_o          (udp)
  );

  always_comb begin
    coverage          = ip_coverage;
    coverage.udp_high = udp_high;
    coverage.udp_low  = udp_low;
  end

  logic header_good, udp_good;

  reveille_checksum u_checksum (
    .clk_i,
    .datagram_i    (datagram),
    .coverage_i    (coverage),
    .inside_i      (inside_udp),
    .udp_length_i  (udp_length),
    .header_good_o (header_good),
    .udp_good_o    (udp_good)
  );

  keymgmt_facts_t keymgmt;

  reveille_keymgmt_parser u_keymgmt (
    .clk_i, .config_i,
    .datagram_i      (datagram),
    .payload_next_i  (payload_next),
    .payload_start_i (payload_start),
    .payload_at_4_i  (udp_at_4),
    .inside_i        (inside_udp),
    .value_o         (lookup_value_o),
    .facts_o         (keymgmt)
  );

  row_t row0, row1;

  reveille_client_hash u_hash (
    .clk_i, .rst_ni,
    .key_i         (hash_key_i),
    .first_next_i  (source_next),
    .ipv6_i        (source_ipv6),
    .first_i       (datagram.data[31:0]),
    .ipv4_valid_i  (source_ipv4),
    .upper_valid_i (source_upper),
    .lower_valid_i (source_lower),
    .address_i     (source),
    .next_row0_o,
    .next_row1_o,
    .row0_o        (row0),
    .row1_o        (row1)
  );

  // T+2: look-up
  assign lookup_o = '{valid: frame_end.valid && frame_end.looked_up, client: source, row0: row0, row1: row1,
                      now: frame_end.now};

  // T+3, T+4: the frame waits for its facts; T+5: for its verdict
  frame_end_t early_q, judged_q, late_q;
  logic       unused_late;

  assign unused_late = late_q.datagram;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      early_q  <= '0;
      judged_q <= '0;
      late_q   <= '0;
    end else begin
      early_q  <= frame_end;
      judged_q <= early_q;
      late_q   <= judged_q;
    end
  end

  // T+4: what the facts come to
  logic guarded, fragmented, judged;

  assign guarded    = judged_q.datagram && !judged_q.oversize && ip.addressed && !ip.later_fragment;
  assign fragmented = ip.header_cut || (ip.udp && (!udp.ports || ip.ports_cut || udp.port_match));
  assign judged     = guarded && !ip.unparsable && !ip.first_fragment && ip.udp && udp.header && udp.port_match;

  // The first verdict that applies to a frame with good lengths and checksums
  logic     undecided;
  verdict_e content;

  always_comb begin
    undecided = 1'b0;
    content   = VerdictBypass;
    if (ip.bad_source)                                             content = VerdictBadSource;
    else if (udp.no_message)                                       content = VerdictMalformed;
    else if (keymgmt.unsupported)                                  content = VerdictUnsupported;
    else if (!keymgmt.ap_request && !keymgmt.sa_recovered)         content = VerdictWrongDirection;
    else if (keymgmt.ap_request ? keymgmt.whole : udp.sa_recovered_long) undecided = 1'b1;
    else                                                           content = VerdictMalformed;
  end

  // T+5
  logic     unparsable_q, fragmented_q, is_judged_q;  // one of these, or bypass
  logic     bad_length_q, checksum_good_q, undecided_q, ap_request_q;
  verdict_e content_q, verdict;
  logic     decided;

  always_ff @(posedge clk_i) begin
    unparsable_q    <= guarded && ip.unparsable;
    fragmented_q    <= guarded && !ip.unparsable && ip.first_fragment && fragmented;
    is_judged_q     <= judged;
    bad_length_q    <= ip.too_long || udp.bad_length;
    checksum_good_q <= (header_good || !ip.ipv4) && (udp.no_checksum ? ip.ipv4 : udp_good);
    content_q       <= content;
    undecided_q     <= undecided;
    ap_request_q    <= undecided && keymgmt.ap_request;
  end

  always_comb begin
    verdict = VerdictBypass;
    if (unparsable_q)          verdict = VerdictUnparsable;
    else if (fragmented_q)     verdict = VerdictFragmented;
    else if (!is_judged_q)     verdict = VerdictBypass;
    else if (bad_length_q)     verdict = VerdictBadLength;
    else if (!checksum_good_q) verdict = VerdictBadChecksum;
    else                       verdict = content_q;
  end

  assign decided = !(is_judged_q && !bad_length_q && checksum_good_q && undecided_q);

  // T+6: descriptor
  logic        valid_q;
  descriptor_t descriptor_q;  // but for valid; without a reset, so that `source` is cleared by the registers' own

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= late_q.valid;
  end

  always_ff @(posedge clk_i) begin
    descriptor_q <= '{
      valid:      1'b1,
      oversize:   late_q.oversize,
      decided:    decided,
      verdict:    verdict,
      ap_request: !decided && ap_request_q,
      looked_up:  late_q.looked_up,
      nonce:      lookup_value_o[31:0],
      source:     source,
      now:        late_q.now
    };
    if (!(unparsable_q || fragmented_q || is_judged_q)) descriptor_q.source <= '0;
  end

  always_comb begin
    descriptor_o       = descriptor_q;
    descriptor_o.valid = valid_q;
  end

`ifndef SYNTHESIS
  // A descriptor that needs a session comes only from a frame that was looked up.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   descriptor_o.valid && !descriptor_o.decided |-> descriptor_o.looked_up);
`endif

endmodule
