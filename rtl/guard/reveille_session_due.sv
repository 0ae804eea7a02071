// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What is due for the session that a visit has read: for the sweep its expiry, for the wake walk a Wake Up, or giving
// up (docs/architecture.md, "Visits"). docs/timing/guard.md: S13 to S15; v is the read cycle. The outcome is known in
// v+5 and holds until the next v+5.
module reveille_session_due
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic        clk_i,
  input  logic        sweep_i,          // the visit is the sweep's
  input  entry_t      entry_i,          // from v+3 on
  input  phase_e      phase_i,          // from v+3 on
  input  logic        live_i,           // v+4
  input  time_t       now_i,            // store time in v
  input  logic [3:0]  wake_tries_i,     // v+3
  input  logic [31:0] wake_interval_i,  // v+3; microseconds

  input  logic        read_i,           // v+3
  // From v+5 on
  output logic        expire_o,
  output logic        wake_o,
  output logic        give_up_o,
  output wake_state_t aux_o             // of wake_o or give_up_o: what is written
);

  localparam int unsigned HalfTime = $bits(time_t) / 2;
  localparam int unsigned MaxScale = 15;

  typedef logic [$bits(wake_interval_i)+MaxScale-1:0] wait_t;
  typedef logic [$bits(time_t):0]                     sum_t;

  wake_state_t wake_state;
  logic        unused_entry;

  assign wake_state   = entry_i.aux;
  assign unused_entry = ^{entry_i.client, entry_i.nonce, entry_i.deadline};

  // v+4; `next` is compared by halves
  logic       compared_q, held_q, armed_q, tries_left_q;
  logic       high_less_q, high_equal_q, low_less_q;
  logic       early, due;
  logic [3:0] sent_q;  // one more
  wait_t      wait_q;  // interval << sent

  always_ff @(posedge clk_i) begin
    compared_q <= read_i;
    if (read_i) begin
      held_q       <= entry_i.held;
      armed_q      <= phase_i == PhaseOutstanding && wake_state.armed;
      tries_left_q <= wake_state.sent < wake_tries_i;
      high_less_q  <= now_i[HalfTime+:HalfTime] < wake_state.next[HalfTime+:HalfTime];
      high_equal_q <= now_i[HalfTime+:HalfTime] == wake_state.next[HalfTime+:HalfTime];
      low_less_q   <= now_i[0+:HalfTime] < wake_state.next[0+:HalfTime];
      sent_q       <= wake_state.sent + 1'b1;
      wait_q       <= wait_t'(wake_interval_i) << wake_state.sent;
    end
  end

  assign early = high_less_q || high_equal_q && low_less_q;
  assign due   = !sweep_i && armed_q && live_i && !early;

  // v+5
  sum_t        next_q;
  wake_state_t kept_q;

  always_ff @(posedge clk_i) begin
    next_q <= sum_t'(now_i) + sum_t'(wait_q);
    kept_q <= wake_state;
    if (compared_q) begin
      expire_o  <= sweep_i && held_q && !live_i;
      wake_o    <= due && tries_left_q;
      give_up_o <= due && !tries_left_q;
    end
  end

  // Time does not wrap: a sum beyond it is the last there is.
  always_comb begin
    aux_o = kept_q;
    if (tries_left_q) begin
      aux_o.sent = sent_q;
      aux_o.next = next_q[$bits(time_t)-1:0] | {$bits(time_t){next_q[$bits(time_t)]}};
    end else begin
      aux_o.armed = 1'b0;
    end
  end

endmodule
