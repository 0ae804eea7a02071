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
  output datagram_beat_t datagram_o,
  output logic           frame_end_valid_o,
  output frame_end_t     frame_end_o
);

  localparam int unsigned MaxFrameBeats = MaxFrameOctets / KeepWidth;
  localparam int unsigned BeatsWidth    = $clog2(MaxFrameBeats) + 1;
  localparam int unsigned AgeWidth      = $clog2(MaxFrameCycles) + 1;

  // Octets of an LLC and SNAP header (IEEE 802.2) that are the same for every EtherType behind it
  localparam logic [15:0] SnapAccessPoints = 16'hAAAA;
  localparam logic [31:0] SnapRest         = 32'h0300_0000;
  localparam logic [47:0] SnapBegin        = {SnapAccessPoints, SnapRest};

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
    logic        has_2, has_6;        // at least so many octets
    logic        has_3, has_7;        // ... if it is the last
    logic [2:0]  behind_2;            // octets behind its first two, if it is the last; 0 if there are none
    logic [1:0]  behind_6;
    logic [2:0]  and_two;             // octets, and two more, if it is the last and they are fewer than 8
    logic [63:0] data;
    ethertype_t  type0, type4;        // at octets 0 and 4
    logic [1:0]  snap_begins_at_2;    // octets 2 to 4, 5 to 7
    logic        snap_begins_at_6;    // octets 6 and 7
    logic        snap_goes_on;        // octets 0 to 3
  } taken_beat_t;

  // T+1: newer
  logic        newer_valid_q;
  taken_beat_t newer_q, beat_d;
  logic        open_q;  // the frame of newer has not ended
  logic        begins;
  logic [3:0]  count;

  assign begins = beat_i.valid && !open_q;
  assign count  = octets(beat_i.last, beat_i.keep[KeepWidth-1:1]);

  always_comb begin
    beat_d.last             = beat_i.last;
    beat_d.first            = begins;
    beat_d.second           = !begins && newer_q.first;
    beat_d.third            = !begins && newer_q.second;
    beat_d.has_2            = !beat_i.last || beat_i.keep[1];
    beat_d.has_6            = !beat_i.last || beat_i.keep[5];
    beat_d.behind_2         = beat_i.keep[2] ? 3'(count - 4'd2) : '0;
    beat_d.behind_6         = {beat_i.keep[7], beat_i.keep[6] && !beat_i.keep[7]};
    beat_d.and_two          = 3'(count + 4'd2);
    beat_d.has_3            = beat_i.keep[2];
    beat_d.has_7            = beat_i.keep[6];
    beat_d.data             = {<<8{beat_i.data}};
    beat_d.type0            = ethertype(beat_d.data[63:48]);
    beat_d.type4            = ethertype(beat_d.data[31:16]);
    beat_d.snap_begins_at_2 = {beat_d.data[47:24] == SnapBegin[47:24], beat_d.data[23:0] == SnapBegin[23:0]};
    beat_d.snap_begins_at_6 = beat_d.data[15:0] == SnapAccessPoints;
    beat_d.snap_goes_on     = beat_d.data[63:32] == SnapRest;
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
  localparam logic [BeatsWidth-1:0] FirstBeat = BeatsWidth'((1 << (BeatsWidth - 1)) - MaxFrameBeats);

  logic [AgeWidth-1:0]    age_q;       // cycles since the first beat; stands still at MaxFrameCycles
  logic                   overdue_q;
  logic [BeatsWidth-1:0]  beats_q;     // up to older; the top bit is set from the first beat too many on
  logic [LookupBeats-1:0] counted_q;   // [i]: there are more than i
  logic                   too_many_q;  // there were, before older
  logic                   too_late_q;

  always_ff @(posedge clk_i) begin
    if (newer_valid_q && newer_q.first) age_q <= AgeWidth'(1);
    else if (!age_q[AgeWidth-1])        age_q <= age_q + 1'b1;
    overdue_q <= age_q[AgeWidth-1] && !(newer_valid_q && newer_q.first);
    if (newer_valid_q) begin
      too_late_q <= overdue_q && !newer_q.first;
      too_many_q <= (too_many_q || beats_q[BeatsWidth-1]) && !newer_q.first;
      beats_q    <= beats_q + 1'b1;
      counted_q  <= {counted_q[LookupBeats-2:0], 1'b1};
      if (newer_q.first) begin
        beats_q   <= FirstBeat;
        counted_q <= LookupBeats'(1);
      end
    end
  end

  // T+2: older waits for the next beat of its frame, or, if it is the last, leaves in the next cycle. Where the
  // datagram begins: in the second beat of the frame or, behind tags, in the third.
  logic        older_valid_q, older_last_q;
  logic [2:0]  older_behind_2_q;                // octets of it that a datagram at octet 2, or 6, has left over
  logic [1:0]  older_behind_6_q;
  logic        older_has_3_q, older_has_7_q;    // there are any
  logic [47:0] older_data_q;                    // no datagram beat needs its first two octets
  logic        starts_q;                        // the datagram begins in older,
  logic        at_2_q;                          // ... or began before: at octet 2, else at octet 6
  logic        ipv6_q;                          // with this type
  logic        tagged_q;                        // octets 12 and 13 of the frame are a tag's
  logic        snap_at_2_q, snap_at_6_q;        // a SNAP header may begin in older
  logic        third_tag_q, snap_ends_q;        // in older,
  logic        unread_q;                        // ... or before
  logic        ends;

  assign ends = older_valid_q && older_last_q;

  logic second_tag;  // newer is the third beat and begins with a second tag
  logic starts_at_2;
  logic snap_ends;   // newer ends a SNAP header with IP
  assign second_tag  = newer_q.third && tagged_q && newer_q.type0.tag;
  assign starts_at_2 = newer_q.third && tagged_q && newer_q.type0.ip;
  // What began in the frame before, or before a reset, ends with it.
  assign snap_ends   = !newer_q.first && ((snap_at_6_q && newer_q.snap_goes_on && newer_q.type4.ip && newer_q.has_6) ||
                                          (snap_at_2_q && newer_q.type0.ip && newer_q.has_2));

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
      older_behind_2_q <= newer_q.behind_2;
      older_behind_6_q <= newer_q.behind_6;
      older_has_3_q    <= newer_q.has_3;
      older_has_7_q    <= newer_q.has_7;
      older_data_q     <= newer_q.data[47:0];
      starts_q         <= starts_at_2 || ((newer_q.second || second_tag) && newer_q.type4.ip);
      at_2_q           <= !newer_q.first && (at_2_q || starts_at_2);
      if (newer_q.second || (newer_q.third && tagged_q)) begin
        ipv6_q <= newer_q.third && !newer_q.type0.tag ? newer_q.type0.ipv6 : newer_q.type4.ipv6;
      end
      snap_at_2_q <= newer_q.third && tagged_q && newer_q.type0.length && &newer_q.snap_begins_at_2;
      snap_at_6_q <= (newer_q.second || second_tag) && newer_q.type4.length && newer_q.snap_begins_at_6;
      if (newer_q.second) tagged_q <= newer_q.type4.tag;
      third_tag_q <= second_tag && newer_q.type4.tag && newer_q.has_6;
      snap_ends_q <= snap_ends;
      unread_q    <= !newer_q.first && (unread_q || third_tag_q || snap_ends_q);
    end
  end

  // T+3: the two beats as one of the datagram
  logic        running_q, continues;
  logic        valid_q, first_q, last_q, aligned_ipv6_q, aligned_vlan_q;
  logic [3:0]  octets_q;
  logic [63:0] data_q;

  assign continues = older_valid_q && !older_last_q && newer_valid_q;

  // Octets of the frame that the datagram beat holds: of two beats, or at the end what the last one has left over.
  logic [3:0] held;
  logic [2:0] left_over;
  assign held      = (at_2_q ? newer_q.has_2 : newer_q.has_6) ? 4'd8 : {1'b0, at_2_q ? 3'd7 : newer_q.and_two};
  assign left_over = at_2_q ? older_behind_2_q : {1'b0, older_behind_6_q};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q         <= 1'b0;
      valid_q           <= 1'b0;
      first_q           <= 1'b0;
      last_q            <= 1'b0;
      frame_end_valid_o <= 1'b0;
    end else begin
      running_q         <= !ends && (running_q || (continues && starts_q));
      valid_q           <= (continues && (running_q || starts_q)) ||
                           (ends && running_q && (at_2_q ? older_has_3_q : older_has_7_q));
      first_q           <= continues && !running_q && starts_q;
      last_q            <= ends;
      frame_end_valid_o <= ends;
    end
  end

  always_ff @(posedge clk_i) begin
    aligned_ipv6_q <= ipv6_q;
    aligned_vlan_q <= tagged_q;
    octets_q       <= ends ? {1'b0, left_over} : held;
    data_q         <= at_2_q ? {older_data_q, newer_q.data[63:48]} : {older_data_q[15:0], newer_q.data[63:16]};
    frame_end_o    <= '{datagram: running_q,
                        unread: unread_q || third_tag_q || snap_ends_q,
                        shows_source: counted_q[SourceBeats-1],
                        looked_up: counted_q[LookupBeats-1],
                        oversize: beats_q[BeatsWidth-1] || too_many_q || too_late_q};
  end

  assign datagram_o = '{valid: valid_q, first: first_q, last: last_q, ipv6: aligned_ipv6_q, vlan: aligned_vlan_q,
                        octets: octets_q, data: data_q};

endmodule
