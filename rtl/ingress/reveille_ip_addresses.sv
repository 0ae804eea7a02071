// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The addresses of a datagram: its source, for the hash and the store, whether its destination counts (docs/protocol.md
// L8), and whether its source is one that no frame may have (L9). An IPv4 source comes in octets 4 to 7 of beat 1, its
// destination in octets 0 to 3 of beat 2; IPv6 has the source in beats 1 and 2, the destination in beats 3 and 4.
// For a datagram beat visible in c the source is there in c+1, what it came to in c+4, whether a destination counts in
// c+3.
module reveille_ip_addresses
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  server_config_t config_i,
  input  datagram_beat_t datagram_i,
  input  logic           ipv6_i,          // of the datagram, from the cycle behind its first beat on
  input  logic           source_ipv4_i,   // this beat brings an IPv4 source; source_o has it in the next cycle
  input  logic           source_upper_i,  // ... the upper half of an IPv6 source
  input  logic           source_lower_i,  // ... the lower half

  output address_t       source_o,
  output address_facts_t facts_o
);

  logic [63:0] data;
  assign data = datagram_i.data;

  always_ff @(posedge clk_i) begin
    if (source_upper_i) source_o[127:64] <= data;
    if (source_lower_i) source_o[63:0]   <= data;
    if (source_ipv4_i)  source_o         <= {80'd0, 16'hFFFF, data[31:0]};
  end

  // A beat, whole enough, against every address of the server
  logic [4:1]               arrived_q;  // which beat it was
  logic [4:1]               next_q;     // ... and is
  logic                     ipv6_q, begins_q;
  // Of either half of the beat: a comparison of 64 bits is too long.
  logic [Ipv6Addresses-1:0][1:0] upper_equal, lower_equal, upper_equal_q, lower_equal_q;
  logic [Ipv4Addresses-1:0] source_equal, destination_equal, source_equal_q, destination_equal_q;

  for (genvar i = 0; i < int'(Ipv6Addresses); i++) begin : gen_ipv6
    for (genvar half = 0; half < 2; half++) begin : gen_half
      reveille_equal #(.Width(32)) u_upper (
        .a_i    (data[32*half+:32]),
        .b_i    (config_i.ipv6[i][64+32*half+:32]),
        .equal_o(upper_equal[i][half])
      );
      reveille_equal #(.Width(32)) u_lower (
        .a_i    (data[32*half+:32]),
        .b_i    (config_i.ipv6[i][32*half+:32]),
        .equal_o(lower_equal[i][half])
      );
    end
  end

  for (genvar i = 0; i < int'(Ipv4Addresses); i++) begin : gen_ipv4
    reveille_equal #(.Width(32)) u_source (.a_i(data[31:0]), .b_i(config_i.ipv4[i]), .equal_o(source_equal[i]));
    reveille_equal #(.Width(32)) u_destination (
      .a_i    (data[63:32]),
      .b_i    (config_i.ipv4[i]),
      .equal_o(destination_equal[i])
    );
  end

  always_ff @(posedge clk_i) begin
    ipv6_q    <= ipv6_i;
    begins_q  <= datagram_i.first;
    if (datagram_i.valid) next_q <= datagram_i.first ? 4'b0001 : next_q << 1;
    arrived_q <= '0;
    if (datagram_i.valid && !datagram_i.first && (datagram_i.octets[3] || (!ipv6_i && datagram_i.octets[2]))) begin
      arrived_q <= next_q;
    end
    upper_equal_q       <= upper_equal;
    lower_equal_q       <= lower_equal;
    source_equal_q      <= source_equal;
    destination_equal_q <= destination_equal;
  end

  // ... and by whole addresses: which of them the source is, and the destination
  logic                     there_q;        // the destination
  logic [Ipv6Addresses-1:0] upper_q;        // the upper half before is this address'
  logic [Ipv6Addresses-1:0] is_source6_q, is_destination6_q;
  logic [Ipv4Addresses-1:0] is_source4_q, is_destination4_q;

  always_ff @(posedge clk_i) begin
    if (begins_q) there_q <= 1'b0;
    else if (ipv6_q ? arrived_q[4] : arrived_q[2]) there_q <= 1'b1;
    for (int unsigned i = 0; i < Ipv6Addresses; i++) begin
      if (arrived_q[1] || arrived_q[3]) upper_q[i] <= &upper_equal_q[i];
      if (arrived_q[2]) is_source6_q[i]      <= upper_q[i] && &lower_equal_q[i] && config_i.ipv6_enable[i];
      if (arrived_q[4]) is_destination6_q[i] <= upper_q[i] && &lower_equal_q[i] && config_i.ipv6_enable[i];
    end
    for (int unsigned i = 0; i < Ipv4Addresses; i++) begin
      if (arrived_q[1]) is_source4_q[i]      <= source_equal_q[i] && config_i.ipv4_enable[i];
      if (arrived_q[2]) is_destination4_q[i] <= destination_equal_q[i] && config_i.ipv4_enable[i];
    end
  end

  // The other sources that are bad, whoever the server is; by halfwords, the last one without its last bit
  logic [7:0] zero_q;
  logic [2:0] ones_q;
  logic       last_bit_q, loopback_q, multicast_q, reserved_ipv4_q, reserved_ipv6_q;

  always_ff @(posedge clk_i) begin
    for (int unsigned k = 1; k < 8; k++) zero_q[k] <= source_o[16*k+:16] == '0;
    for (int unsigned k = 0; k < 3; k++) ones_q[k] <= source_o[16*k+:16] == '1;
    zero_q[0]       <= source_o[15:1] == '0;
    last_bit_q      <= source_o[0];
    loopback_q      <= source_o[31:24] == 8'd127;
    multicast_q     <= ipv6_q ? source_o[127:120] == 8'hFF : source_o[31:28] == 4'hE;
    reserved_ipv4_q <= (&zero_q[1:0] && !last_bit_q) || loopback_q || &ones_q[1:0] || multicast_q;
    reserved_ipv6_q <= (&zero_q[7:3] && (ones_q[2] || &zero_q[2:0])) || multicast_q;
  end

  logic counts_q, bad_q;

  always_ff @(posedge clk_i) begin
    counts_q <= there_q && (!config_i.destination_listed || (ipv6_q ? |is_destination6_q : |is_destination4_q));
    bad_q    <= ipv6_q ? |is_source6_q || reserved_ipv6_q : |is_source4_q || reserved_ipv4_q;
  end

  assign facts_o = '{counts: counts_q, bad: bad_q};

endmodule
