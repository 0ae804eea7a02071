// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a command's look-up found: the client's live session, and the way a new one would take (docs/architecture.md,
// "Insert").
// docs/timing/guard.md: S7; a and b are the read cycles of the two halves, everything is valid in g = b+5.
module reveille_session_find
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               first_i,     // a
  input  logic               second_i,    // b
  input  flags_t [Lanes-1:0] flags_i,     // a+4, b+4
  input  rows_t              rows_i,
  output logic               decided_o,   // g; the rest only then
  output logic               found_o,     // a live session of the client
  output logic               room_o,
  output place_t             place_o,     // found: its place; else where a new one goes
  output session_state_t     state_o      // found: its state
);

  localparam int unsigned FlagsDelay = 4;

  logic [FlagsDelay:1]   first_age_q;
  logic [FlagsDelay+1:1] second_age_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_age_q  <= '0;
      second_age_q <= '0;
    end else begin
      first_age_q  <= {first_age_q[FlagsDelay-1:1], first_i};
      second_age_q <= {second_age_q[FlagsDelay:1], second_i};
    end
  end

  // b+4: all eight ways, by way_t
  flags_t [Lanes-1:0] first_half_q;
  flags_t [Ways-1:0]  flags;

  always_ff @(posedge clk_i) begin
    if (first_age_q[FlagsDelay]) first_half_q <= flags_i;
  end

  assign flags     = {flags_i, first_half_q};
  assign decided_o = second_age_q[FlagsDelay+1];

  // The client's entry, live or dead: it never has two. Else the lowest way without a live session, in the bank that has
  // more of them.
  logic                  held, found;
  way_t                  held_way, way_q;
  session_state_t        state;
  logic [Banks-1:0][2:0] dead;  // ways of each bank that are not live
  logic [Banks-1:0][1:0] lowest;
  logic                  bank;

  always_comb begin
    held     = 1'b0;
    held_way = '0;
    found    = 1'b0;
    state    = '0;
    for (int unsigned way = 0; way < Ways; way++) begin
      if (flags[way].match) begin
        held      = 1'b1;
        held_way |= way_t'(way);
      end
      found |= flags[way].hit;
      state |= flags[way].state;
    end

    for (int unsigned b = 0; b < Banks; b++) begin
      dead[b]   = '0;
      lowest[b] = '0;
      for (int way = 3; way >= 0; way--) begin
        // Way {half, lane} of a bank.
        if (!flags[{1'(way >> 1), 1'(b), 1'(way)}].live) begin
          dead[b]   = dead[b] + 3'd1;
          lowest[b] = 2'(way);
        end
      end
    end
    bank = dead[0] < dead[1];
  end

  always_ff @(posedge clk_i) begin
    found_o <= found;
    state_o <= state;
    room_o  <= dead != '0;
    way_q   <= held ? held_way : {lowest[bank][1], bank, lowest[bank][0]};
  end

  assign place_o = place_of(way_q, rows_i);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    logic [Ways-1:0] match;
    for (int unsigned way = 0; way < Ways; way++) match[way] = flags[way].match;
    if (rst_ni && second_age_q[FlagsDelay]) assert ($onehot0(match)) else $error("two entries of one client");
  end
`endif

endmodule
