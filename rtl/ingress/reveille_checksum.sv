// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Checksums of the frame parser: IPv4 header (RFC 791) and UDP with its pseudo header (RFC 768, RFC 8200 section 8.1;
// docs/protocol.md L11). Two plain binary sums of halfwords, wide enough for every carry. A sum S is 0xFFFF in ones'
// complement if its low 16 bits are the complement of the bits above: the carries then fill up exactly. (Carries once
// folded in cannot give 0xFFFF with a further carry.)
// What does not count is left out by resetting the register that would hold it. For a frame's last beat: it comes in
// T+6, and both are visible in T+11.
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

  // T+7: the octets that count. A frame's last beat holds at most 6: the UDP length of the pseudo header takes the
  // place of the other two.
  logic [63:0] data_q;
  coverage_t   data_coverage_q;
  logic        data_first_q;

  always_ff @(posedge clk_i) begin
    data_q <= datagram_i.data;
    if (datagram_i.last) data_q[15:0] <= udp_length_i;
    for (int unsigned i = 0; i < 8; i++) begin
      if (!(datagram_i.valid && inside_i[i]) && !(datagram_i.last && i >= 6)) data_q[8*(7-i)+:8] <= '0;
    end
    data_coverage_q <= coverage_i;
    data_first_q    <= datagram_i.first;
    if (datagram_i.last) begin
      data_coverage_q.udp_high <= 1'b1;
      data_coverage_q.udp_low  <= 1'b1;
    end
  end

  // T+8: by pairs of halfwords
  logic [16:0] header_high_q, header_low_q, udp_high_q, udp_low_q;
  logic        pair_first_q;

  always_ff @(posedge clk_i) begin
    header_high_q <= {1'b0, data_q[63:48]} + {1'b0, data_q[47:32]};
    header_low_q  <= {1'b0, data_q[31:16]} + {1'b0, data_q[15:0]};
    udp_high_q    <= {1'b0, data_q[63:48]} + {1'b0, data_q[47:32]};
    udp_low_q     <= {1'b0, data_q[31:16]} + {1'b0, data_q[15:0]};
    if (!data_coverage_q.header_high) header_high_q <= '0;
    if (!data_coverage_q.header_low)  header_low_q  <= '0;
    if (!data_coverage_q.udp_high)    udp_high_q    <= '0;
    if (!data_coverage_q.udp_low)     udp_low_q     <= '0;
    pair_first_q <= data_first_q;
  end

  // T+9: by beats
  logic [17:0] header_beat_q, udp_beat_q;

  always_ff @(posedge clk_i) begin
    header_beat_q <= {1'b0, header_high_q} + {1'b0, header_low_q};
    udp_beat_q    <= {1'b0, udp_high_q} + {1'b0, udp_low_q};
  end

  // T+10: of the datagram. Between the last beat of a frame and the first one of a datagram there is a cycle at least,
  // so the sums begin anew in the cycle before a first beat is added.
  logic [20:0] header_sum_q;  // at most 30 halfwords
  logic [30:0] udp_sum_q;     // at most 32,768 and the pseudo header's

  always_ff @(posedge clk_i) begin
    header_sum_q <= header_sum_q + 21'(header_beat_q);
    udp_sum_q    <= udp_sum_q + 31'(udp_beat_q);
    if (pair_first_q) begin
      header_sum_q <= '0;
      udp_sum_q    <= Protocol;
    end
  end

  // T+11, each in two parts
  logic [1:0] header_equal_q, udp_equal_q;

  always_ff @(posedge clk_i) begin
    header_equal_q[0] <= header_sum_q[7:0] == ~{3'd0, header_sum_q[20:16]};
    header_equal_q[1] <= header_sum_q[15:8] == '1;
    udp_equal_q[0]    <= udp_sum_q[7:0] == ~udp_sum_q[23:16];
    udp_equal_q[1]    <= udp_sum_q[15:8] == ~{1'b0, udp_sum_q[30:24]};
  end

  assign header_good_o = &header_equal_q;
  assign udp_good_o    = &udp_equal_q;

endmodule
