// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// First stage of the frame parser: EtherType behind up to two VLAN tags (0x8100, 0x88A8; IEEE 802.1Q), what the guard
// does not read (a third tag, IP in 802.2 SNAP: docs/protocol.md L20), and the frame from its IP header on as datagram
// beats that begin with that header. Behind 14, 18 or 22 octets a datagram begins at octet 6 or 2 of a beat, so the
// alignment is one 2:1 multiplexer over two beats: `older`, and `newer`, which came behind it.
// What it hands on is visible in T+3 for a frame's last beat.
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
  output logic           frame_end_valid_o,
  output frame_end_t     frame_end_o
);

  localparam int unsigned MaxFrameBeats = MaxFrameOctets / KeepWidth;
  localparam int unsigned AgeWidth      = $clog2(MaxFrameCycles) + 1;

  // Octets of an LLC and SNAP header (IEEE 802.2) that are the same for every EtherType behind it
  localparam logic [15:0] SnapAccessPoints = 16'hAAAA;
  localparam logic [31:0] SnapRest         = 32'h0300_0000;

  typedef struct packed {
    logic tag;
    logic ip;      // either version
    logic ipv6;
    logic length;  // no EtherType
  } ethertype_t;

  function automatic ethertype_t ethertype(logic [15:0] value);
    return '{tag: value inside {16'h8100, 16'h88A8}, ip: value inside {16'h0800, 16'h86DD},
             ipv6: value == 16'h86DD, length: value < 16'h0600};
  endfunction

  // A beat as it came, with what its octets would be as an EtherType or part of a SNAP header
  typedef struct packed {
    logic        last;
    logic        first, second, third;  // of its frame
    logic [3:0]  octets;
    logic        has_2, has_6;        // at least so many
    logic [63:0] data;
    ethertype_t  type0, type4;        // at octets 0 and 4
    logic        snap_begins_at_2;    // octets 2 to 7
    logic        snap_begins_at_6;    // octets 6 and 7
    logic        snap_goes_on;        // octets 0 to 3
    time_t       now;                 // the frame's
  } taken_beat_t;

  // T+1: newer
  logic        newer_valid_q;
  taken_beat_t newer_q, beat_d;
  logic        open_q;  // the frame of newer has not ended
  logic        begins;

  assign begins = beat_i.valid && !open_q;

  always_comb begin
    beat_d.last             = beat_i.last;
    beat_d.first            = begins;
    beat_d.second           = !begins && newer_q.first;
    beat_d.third            = !begins && newer_q.second;
    beat_d.octets           = octets(beat_i.last, beat_i.keep[KeepWidth-1:1]);
    beat_d.has_2            = !beat_i.last || beat_i.keep[1];
    beat_d.has_6            = !beat_i.last || beat_i.keep[5];
    beat_d.data             = {<<8{beat_i.data}};
    beat_d.type0            = ethertype(beat_d.data[63:48]);
    beat_d.type4            = ethertype(beat_d.data[31:16]);
    beat_d.snap_begins_at_2 = beat_d.data[47:0] == {SnapAccessPoints, SnapRest};
    beat_d.snap_begins_at_6 = beat_d.data[15:0] == SnapAccessPoints;
    beat_d.snap_goes_on     = beat_d.data[63:32] == SnapRest;
    beat_d.now              = begins ? time_i : newer_q.now;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      newer_valid_q <= 1'b0;
      open_q        <= 1'b0;
    end else begin
      newer_valid_q <= beat_i.valid;
      if (beat_i.valid) open_q <= !beat_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat_i.valid) newer_q <= beat_d;
  end

  // Oversize: more octets than 1,152 beats hold, or a last beat that comes too long after the first. What the frame up
  // to `newer` is, is known a cycle later, beside `older`.
  logic [AgeWidth-1:0]                age_q;  // cycles since the first beat; stands still at MaxFrameCycles
  logic                               overdue_q;
  logic [$clog2(MaxFrameBeats+1)-1:0] beats_q;  // up to older; stands still from oversize on
  logic                               too_many_q, too_late_q;

  always_ff @(posedge clk_i) begin
    if (newer_valid_q && newer_q.first) age_q <= AgeWidth'(1);
    else if (!age_q[AgeWidth-1])        age_q <= age_q + 1'b1;
    overdue_q <= age_q[AgeWidth-1] && !(newer_valid_q && newer_q.first);
    if (newer_valid_q) begin
      too_late_q <= overdue_q && !newer_q.first;
      if (newer_q.first) begin
        beats_q    <= 11'd1;
        too_many_q <= 1'b0;
      end else if (beats_q == 11'(MaxFrameBeats)) begin
        too_many_q <= 1'b1;
      end else begin
        beats_q <= beats_q + 11'd1;
      end
    end
  end

  // T+2: older waits for the next beat of its frame, or, if it is the last, leaves in the next cycle. Where the
  // datagram begins: in the second beat of the frame or, behind tags, in the third.
  logic        older_valid_q, older_last_q;
  logic [3:0]  older_octets_q;
  logic [47:0] older_data_q;                    // no datagram beat needs its first two octets
  logic        begins_at_2_q, begins_at_6_q;    // the datagram begins in older,
  logic        begins_ipv6_q;                   // with this type
  logic        older_second_q;
  logic        tagged_q;                        // octets 12 and 13 of the frame are a tag's
  logic        snap_at_2_q, snap_at_6_q;        // a SNAP header may begin in older
  logic        unread_q;                        // in older or before
  time_t       older_now_q;
  logic        ends;

  assign ends = older_valid_q && older_last_q;

  logic second_tag;  // newer is the third beat and begins with a second tag
  logic snap_ends;   // newer ends a SNAP header with IP
  assign second_tag = newer_q.third && tagged_q && newer_q.type0.tag;
  assign snap_ends  = (snap_at_6_q && newer_q.snap_goes_on && newer_q.type4.ip && newer_q.has_6) ||
                      (snap_at_2_q && newer_q.type0.ip && newer_q.has_2);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      older_valid_q <= 1'b0;
      older_last_q  <= 1'b0;
    end else begin
      older_valid_q <= newer_valid_q || (older_valid_q && !older_last_q);
      if (newer_valid_q) older_last_q <= newer_q.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (newer_valid_q) begin
      older_octets_q <= newer_q.octets;
      older_data_q   <= newer_q.data[47:0];
      older_second_q <= newer_q.second;
      older_now_q    <= newer_q.now;
      begins_at_2_q  <= newer_q.third && tagged_q && newer_q.type0.ip;
      begins_at_6_q  <= (newer_q.second || second_tag) && newer_q.type4.ip;
      begins_ipv6_q  <= newer_q.third && !newer_q.type0.tag ? newer_q.type0.ipv6 : newer_q.type4.ipv6;
      snap_at_2_q    <= newer_q.third && tagged_q && newer_q.type0.length && newer_q.snap_begins_at_2;
      snap_at_6_q    <= (newer_q.second || second_tag) && newer_q.type4.length && newer_q.snap_begins_at_6;
      if (newer_q.second) tagged_q <= newer_q.type4.tag;
      unread_q       <= !newer_q.first && (unread_q || snap_ends ||
                                           (second_tag && newer_q.type4.tag && newer_q.has_6));
    end
  end

  // T+3: the two beats as one of the datagram
  logic        running_q, offset2_q, vlan_q, ipv6_q;
  logic        starts, offset2, vlan, ipv6, continues;
  logic        valid_q, first_q, last_q, aligned_ipv6_q, aligned_vlan_q;
  logic [3:0]  octets_q;
  logic [63:0] data_q;

  assign starts    = begins_at_2_q || begins_at_6_q;
  assign offset2   = running_q ? offset2_q : begins_at_2_q;
  assign vlan      = running_q ? vlan_q : !older_second_q;
  assign ipv6      = running_q ? ipv6_q : begins_ipv6_q;
  assign continues = older_valid_q && !older_last_q && newer_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
    end else if (ends) begin
      running_q <= 1'b0;
    end else if (continues && starts) begin
      running_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (continues) begin
      offset2_q <= offset2;
      ipv6_q    <= ipv6;
      vlan_q    <= vlan;
    end
  end

  // Octets of the frame that the datagram beat holds: of two beats, or at the end what the last one has left over.
  logic [3:0] held, left_over;
  assign held      = offset2 ? (newer_q.has_2 ? 4'd8 : 4'd7) : newer_q.has_6 ? 4'd8 : newer_q.octets + 4'd2;
  assign left_over = older_octets_q - (offset2 ? 4'd2 : 4'd6);  // below 0 if there was nothing to leave

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q           <= 1'b0;
      first_q           <= 1'b0;
      last_q            <= 1'b0;
      frame_end_valid_o <= 1'b0;
    end else begin
      valid_q           <= (continues && (running_q || starts)) ||
                           (ends && running_q && !left_over[3] && left_over != '0);
      first_q           <= continues && !running_q && starts;
      last_q            <= ends;
      frame_end_valid_o <= ends;
    end
  end

  always_ff @(posedge clk_i) begin
    aligned_ipv6_q <= ipv6;
    aligned_vlan_q <= vlan;
    octets_q       <= !ends ? held : left_over[3] ? '0 : left_over;
    data_q         <= offset2 ? {older_data_q, newer_q.data[63:48]} : {older_data_q[15:0], newer_q.data[63:16]};
    frame_end_o    <= '{datagram: running_q, unread: unread_q, shows_source: beats_q >= 11'(SourceBeats),
                        looked_up: beats_q >= 11'(LookupBeats), oversize: too_many_q || too_late_q,
                        now: older_now_q};
  end

  assign datagram_o = '{valid: valid_q, first: first_q, last: last_q, ipv6: aligned_ipv6_q, vlan: aligned_vlan_q,
                        octets: octets_q, data: data_q};

endmodule
