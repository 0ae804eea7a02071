// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// First stage of the frame parser: EtherType behind up to two VLAN tags (0x8100, 0x88A8; IEEE 802.1Q), and the frame
// from its IP header on as datagram beats that begin with that header. Behind 14, 18 or 22 octets a datagram begins at
// octet 6 or 2 of a beat, so the alignment is one 2:1 multiplexer, and takes the beat that comes and the one before.
// docs/timing.md: what it hands on is visible in T+2 for a frame's last beat.
//
// Does not look at Ethernet addresses, VLAN identifiers or priorities (L12).
module reveille_ethernet_parser
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  beat_t          beat_i,
  input  time_t          time_i,
  output datagram_beat_t datagram_o,
  output frame_end_t     frame_end_o
);

  localparam int unsigned MaxFrameBeats = MaxFrameOctets / KeepWidth;

  typedef struct packed {
    logic tag;
    logic ipv4;
    logic ipv6;
  } ethertype_t;

  function automatic ethertype_t ethertype(logic [7:0] first, logic [7:0] second);
    logic [15:0] value = {first, second};
    return '{tag: value inside {16'h8100, 16'h88A8}, ipv4: value == 16'h0800, ipv6: value == 16'h86DD};
  endfunction

  // The beat before: it waits for the next one of its frame, or, if it is the last, leaves in the next cycle.
  logic       pending_q;
  logic       last_q;
  logic [3:0] octets_q;
  logic [47:0] data_q;            // without the first two octets, which no datagram beat needs
  ethertype_t type0_q, type4_q;   // at octets 0 and 4 of it
  logic       first_q, second_q, third_q;
  logic [$clog2(MaxFrameBeats+1)-1:0] beats_q;  // of the frame up to it; stands still from oversize on
  logic       oversize_q;
  time_t      now_q;

  logic        begins, ends;
  logic [63:0] data;
  logic [3:0]  octets;

  assign begins = beat_i.valid && (!pending_q || last_q);
  assign ends   = pending_q && last_q;
  assign data   = {<<8{beat_i.data}};
  assign octets = beat_i.last ? {1'b0, octets_less_one(beat_i.keep[KeepWidth-1:1])} + 4'd1 : 4'd8;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q <= 1'b0;
      last_q    <= 1'b0;
    end else begin
      pending_q <= beat_i.valid || (pending_q && !last_q);
      if (beat_i.valid) last_q <= beat_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_i.valid) begin
      octets_q <= octets;
      data_q   <= data[47:0];
      type0_q  <= ethertype(data[63:56], data[55:48]);
      type4_q  <= ethertype(data[31:24], data[23:16]);
      first_q  <= begins;
      second_q <= !begins && first_q;
      third_q  <= !begins && second_q;
      if (begins) begin
        beats_q    <= 11'd1;
        oversize_q <= 1'b0;
        now_q      <= time_i;
      end else if (beats_q == 11'(MaxFrameBeats)) begin
        oversize_q <= 1'b1;
      end else begin
        beats_q <= beats_q + 11'd1;
      end
    end
  end

  // Where the datagram begins: in the second beat of the frame or, behind tags, in the third.
  logic running_q, offset2_q, vlan_q, ipv6_q;
  logic starts, starts_at_2, offset2, ipv6, continues;

  assign starts_at_2 = third_q && vlan_q && (type0_q.ipv4 || type0_q.ipv6);
  assign starts      = (second_q && (type4_q.ipv4 || type4_q.ipv6)) || starts_at_2 ||
                       (third_q && vlan_q && type0_q.tag && (type4_q.ipv4 || type4_q.ipv6));
  assign offset2     = running_q ? offset2_q : third_q && !type0_q.tag;
  assign ipv6        = running_q ? ipv6_q : offset2 ? type0_q.ipv6 : type4_q.ipv6;
  assign continues   = pending_q && !last_q && beat_i.valid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
    end else if (begins) begin
      running_q <= 1'b0;
    end else if (continues && starts) begin
      running_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (continues) begin
      offset2_q <= offset2;
      ipv6_q    <= ipv6;
      if (second_q) vlan_q <= type4_q.tag;
    end
  end

  // Octets of the frame that the datagram beat holds: of two beats, or at the end what the last one has left over.
  logic [3:0] held, left_over;
  assign held      = !beat_i.last ? 4'd8 : offset2 ? (beat_i.keep[1] ? 4'd8 : 4'd7) :
                     beat_i.keep[5] ? 4'd8 : octets + 4'd2;
  assign left_over = offset2 ? octets_q - 4'd2 : octets_q - 4'd6;

  function automatic logic is_below3(logic [13:0] value);
    return value[13:2] == '0 && value[1:0] != 2'b11;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      datagram_o  <= '0;
      frame_end_o <= '0;
    end else begin
      datagram_o.valid   <= (continues && (running_q || starts)) ||
                            (ends && running_q && !left_over[3] && left_over != '0);
      datagram_o.first   <= continues && !running_q && starts;
      datagram_o.last    <= ends;
      datagram_o.ipv6    <= ipv6;
      datagram_o.vlan    <= vlan_q && !second_q;
      datagram_o.below12 <= offset2 ? is_below3(data_q[47:34]) : is_below3(data_q[15:2]);  // x 4
      datagram_o.octets  <= !ends ? held : left_over[3] ? '0 : left_over;
      datagram_o.data    <= offset2 ? {data_q, data[63:48]} : {data_q[15:0], data[63:16]};
      frame_end_o        <= '{valid: ends, datagram: running_q, looked_up: beats_q >= 11'(LookupBeats),
                              oversize: oversize_q, now: now_q};
    end
  end

endmodule
