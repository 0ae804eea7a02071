// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Rate of client_initiated frames: the virtual-scheduling algorithm (GCRA) of ITU-T I.371, docs/protocol.md L15.
// docs/timing/guard.md: V5, V6.
//
// Frames that conform and are taken are at least 7 cycles apart, so the theoretical arrival time (TAT) does not move
// between a frame's T+10 and its T+13, and each comparison and sum has a cycle of its own.
module reveille_rate_limiter
  import reveille_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  time_t       now_i,        // T+10
  input  time_t       tolerance_i,  // T+10
  output logic        conforms_o,   // T+12
  input  logic [31:0] interval_i,   // T+12
  input  logic        take_i        // T+13: the frame passed within the rate, and is not lost
);

  typedef logic [53:0] sum_t;  // no sum wraps

  sum_t  tat_q;
  // T+11
  time_t now_q;
  sum_t  limit_q;
  logic  tat_later_q;
  // T+12
  sum_t  base_q;
  // T+13
  sum_t  next_tat_q;

  always_ff @(posedge clk_i) begin
    now_q       <= now_i;
    limit_q     <= sum_t'(now_i) + sum_t'(tolerance_i);
    tat_later_q <= sum_t'(now_i) < tat_q;

    conforms_o  <= !(limit_q < tat_q);
    base_q      <= tat_later_q ? tat_q : sum_t'(now_q);

    next_tat_q  <= base_q + sum_t'(interval_i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tat_q <= '0;
    end else if (take_i) begin
      tat_q <= next_tat_q;
    end
  end

endmodule
