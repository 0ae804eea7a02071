// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a command's look-up found: the client's live session, and the way a new one would take (docs/architecture.md,
// "Insert").
// docs/timing/guard.md: S7; a and b are the read cycles of the two halves, of one memory a bank those of their second
// lanes; everything is valid in g = b+6.
`include "reveille_assert.svh"

module reveille_session_find
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               lane_i,        // the read cycle of a half's first lane, if its second has one of its own
  input  logic               first_i,       // a
  input  logic               second_i,      // b
  input  flags_t [Lanes-1:0] flags_i,       // a+4, b+4
  input  rows_t              rows_i,
  input  logic               inserts_i,     // the command's kind, from b+5 on
  input  logic               answers_i,
  output logic               decided_o,     // g; the rest only then
  output logic               found_o,       // a live session of the client
  output logic               in_service_o,  // ... in this phase
  output logic               room_o,
  output logic               denied_o,      // by these three, a command of its kind
  output place_t             place_o        // found: its place; else where a new one goes
);

  localparam int unsigned FlagsDelay = 4;
  localparam int unsigned Decision   = 6;

  // Of the four ways of a half
  typedef struct packed {
    logic             held;       // an entry of the client's, live or dead; it never has two
    logic             bank;       // where it is, else 0
    logic             lane;
    logic             found;      // it is live
    logic             in_service;
    logic [Banks-1:0] room;       // in each bank: some way is empty
    logic [Banks-1:0] room_lane;  // ... the lowest of them
  } half_t;

  logic [FlagsDelay:1] lane_age_q;
  logic [FlagsDelay:1] first_age_q;
  logic [Decision:1]   second_age_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lane_age_q   <= '0;
      first_age_q  <= '0;
      second_age_q <= '0;
    end else begin
      lane_age_q   <= {lane_age_q[FlagsDelay-1:1], lane_i};
      first_age_q  <= {first_age_q[FlagsDelay-1:1], first_i};
      second_age_q <= {second_age_q[Decision-1:1], second_i};
    end
  end

  assign decided_o = second_age_q[Decision];

  half_t                 half, first_q;
  logic [Banks-1:0][1:0] empty;               // lanes of each bank
  logic signed [2:0]     lead, first_lead_q;  // of bank 1 over bank 0, in empty ways of the half
  flags_t [Lanes-1:0]    ways;
  logic                  unused_flags;

  reveille_half_flags u_half_flags (
    .clk_i,
    .first_i(lane_age_q[FlagsDelay]),
    .flags_i,
    .flags_o(ways)
  );

  assign unused_flags = ^ways;

  always_comb begin
    half = '0;
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      for (int unsigned lane = 0; lane < 2; lane++) begin
        empty[bank][lane] = !ways[2*bank+lane].held;
        half.held        |= ways[2*bank+lane].match;
        half.bank        |= ways[2*bank+lane].match && bank == 1;
        half.lane        |= ways[2*bank+lane].match && lane == 1;
        half.found       |= ways[2*bank+lane].hit;
        half.in_service  |= ways[2*bank+lane].in_service;
      end
      half.room[bank]      = |empty[bank];
      half.room_lane[bank] = !empty[bank][0];
    end
    lead = 3'(empty[1][0]) + 3'(empty[1][1]) - 3'(empty[0][0]) - 3'(empty[0][1]);
  end

  always_ff @(posedge clk_i) begin
    if (first_age_q[FlagsDelay]) begin
      first_q      <= half;
      first_lead_q <= lead;
    end
  end

  // b+5: of both halves
  half_t             second_q;
  logic signed [2:0] second_lead_q;

  always_ff @(posedge clk_i) begin
    second_q      <= half;
    second_lead_q <= lead;
  end

  // g
  logic                  held_q, bank_q;
  logic                  found_d, in_service_d, room_d;
  way_t                  held_way_q, way;
  logic [Banks-1:0][1:0] lowest_q;  // {half, lane} of the lowest empty way

  assign found_d      = first_q.found || second_q.found;
  assign in_service_d = first_q.in_service || second_q.in_service;
  assign room_d       = first_q.held || second_q.held || first_q.room != '0 || second_q.room != '0;

  always_ff @(posedge clk_i) begin
    found_o      <= found_d;
    in_service_o <= in_service_d;
    room_o       <= room_d;
    denied_o     <= inserts_i ? found_d || !room_d : !found_d || answers_i && !in_service_d;
    held_q       <= first_q.held || second_q.held;
    held_way_q   <= '{
        bank: first_q.bank || second_q.bank,
        half: !first_q.held,
        lane: first_q.lane || second_q.lane
    };
    bank_q       <= first_lead_q > -second_lead_q;
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      lowest_q[bank] <= first_q.room[bank] ? {1'b0, first_q.room_lane[bank]} : {1'b1, second_q.room_lane[bank]};
    end
  end

  // The client's own entry is taken; else the lowest empty way, in the bank that has more of them.
  assign way     = held_q ? held_way_q : {bank_q, lowest_q[bank_q]};
  assign place_o = place_of(way, rows_i);

  `REVEILLE_ASSERT(OneEntryOfAClient, !second_age_q[FlagsDelay+1] || !(first_q.held && second_q.held))

endmodule
