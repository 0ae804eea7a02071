// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Checksums of the frame parser: IPv4 header (RFC 791) and UDP with its pseudo header (RFC 768, RFC 8200 section 8.1;
// docs/protocol.md L11). Pairs of halfwords are added first and the pairs to two plain binary sums, wide enough for every
// carry. A sum S of halfwords is 0xFFFF in ones' complement if its low 16 bits are the complement of the bits above: the
// carries then fill up exactly. (Carries once folded in cannot give 0xFFFF with a further carry.)
// docs/timing.md: both are visible in T+4.
module reveille_checksum
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  datagram_beat_t datagram_i,
  input  coverage_t      coverage_i,    // of this beat
  input  logic [7:0]     inside_i,      // octets behind the end of UDP count as 0
  input  logic [15:0]    udp_length_i,  // in the frame's last beat
  output logic           header_good_o,
  output logic           udp_good_o
);

  localparam logic [30:0] Protocol = 31'd17;

  // Frame's last beat holds at most 6 octets: the UDP length of the pseudo header takes the place of the other two.
  logic [63:0] data;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) data[8*(7-i)+:8] = datagram_i.data[8*(7-i)+:8] & {8{inside_i[i]}};
    if (datagram_i.last) data[15:0] = udp_length_i;
  end

  coverage_t   coverage_q;
  logic [16:0] high_q, low_q;

  always_ff @(posedge clk_i) begin
    high_q     <= {1'b0, data[63:48]} + {1'b0, data[47:32]};
    low_q      <= {1'b0, data[31:16]} + {1'b0, data[15:0]};
    coverage_q <= coverage_i;
    if (datagram_i.last) begin
      coverage_q.udp_high <= 1'b1;
      coverage_q.udp_low  <= 1'b1;
    end
  end

  logic        high, low;
  logic [20:0] header_sum_q;  // at most 30 halfwords
  logic [30:0] udp_sum_q;     // at most 32,768 and the pseudo header's

  assign high = coverage_q.pseudo_high || coverage_q.udp_high;
  assign low  = coverage_q.pseudo_low || coverage_q.udp_low;

  always_ff @(posedge clk_i) begin
    if (datagram_i.valid && datagram_i.first) begin
      header_sum_q <= '0;
      udp_sum_q    <= Protocol;
    end else begin
      if (coverage_q.header_high) header_sum_q <= header_sum_q + 21'(high_q) + 21'(low_q & {17{coverage_q.header_low}});
      if (high || low) udp_sum_q <= udp_sum_q + 31'(high_q & {17{high}}) + 31'(low_q & {17{low}});
    end
    header_good_o <= header_sum_q[15:0] == ~{11'd0, header_sum_q[20:16]};
  end

  assign udp_good_o = udp_sum_q[15:0] == ~{1'b0, udp_sum_q[30:16]};

endmodule
