// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The flags of the four ways of a half. Where a bank is one memory (docs/timing.md, T13), its two lanes come one after
// the other: those of the first are kept until the second's are there. Else all come at once, and this is wire.
module reveille_half_flags
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               first_i,  // flags_i are those of the first lanes
  input  flags_t [Lanes-1:0] flags_i,
  output flags_t [Lanes-1:0] flags_o   // beside those of the second lanes
);

  if (MemoryLanes == 1) begin : gen_at_once
    logic unused;

    assign unused  = ^{clk_i, first_i};
    assign flags_o = flags_i;
  end else begin : gen_in_turn
    flags_t [Banks-1:0] first_q;

    for (genvar bank = 0; bank < int'(Banks); bank++) begin : gen_bank
      always_ff @(posedge clk_i) begin
        if (first_i) first_q[bank] <= flags_i[2*bank];
      end

      assign flags_o[2*bank+:2] = {flags_i[2*bank+1], first_q[bank]};
    end
  end

endmodule
