// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Rate of client_initiated frames: the virtual-scheduling algorithm (GCRA) of ITU-T I.371, docs/protocol.md L15.
// docs/timing/guard.md: V5, V6.
//
// Frames that conform and are taken are at least 7 cycles apart, so the theoretical arrival time (TAT) may take until
// T+17 to move, and each comparison and sum has a cycle of its own.
module reveille_rate_limiter
  import reveille_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  time_t       now_i,        // T+11
  input  time_t       tolerance_i,  // T+11
  output logic        conforms_o,   // T+13
  input  logic [31:0] interval_i,   // T+13
  input  logic        take_i,       // T+14: the frame passed within the rate
  input  logic        lost_i        // T+14
);

  typedef logic [53:0] sum_t;  // no sum wraps

  sum_t        tat_q;
  // T+12
  time_t       now_q, tolerance_q;
  logic [54:0] lead_q;  // of TAT over now; the top bit is its sign
  // T+13
  logic        behind_q, beyond_q;
  sum_t        base_q;
  // T+14, T+15, T+16
  sum_t        next_tat_q, later_tat_q, taken_tat_q;
  logic        take_q, lost_q, taken_q;

  always_ff @(posedge clk_i) begin
    now_q       <= now_i;
    tolerance_q <= tolerance_i;
    lead_q      <= 55'(tat_q) - 55'(now_i);

    behind_q    <= lead_q[54];
    beyond_q    <= sum_t'(tolerance_q) < lead_q[53:0];
    base_q      <= lead_q[54] ? sum_t'(now_q) : tat_q;

    next_tat_q  <= base_q + sum_t'(interval_i);
    later_tat_q <= next_tat_q;
    taken_tat_q <= later_tat_q;
  end

  assign conforms_o = behind_q || !beyond_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      take_q  <= 1'b0;
      lost_q  <= 1'b0;
      taken_q <= 1'b0;
      tat_q   <= '0;
    end else begin
      take_q  <= take_i;
      lost_q  <= lost_i;
      taken_q <= take_q && !lost_q;
      if (taken_q) tat_q <= taken_tat_q;
    end
  end

endmodule
