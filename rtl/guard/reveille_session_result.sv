// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The result registers: 0 until start-up is over and from a command's c+2 on, its results from its command_done_o on.
// docs/timing/guard.md: the paragraph behind S16.
module reveille_session_result
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,   // all but the code
  // In the cycle before command_done_o:
  input  logic            done_i,
  input  result_e         code_i,
  input  logic            show_i,    // a read's: the entry
  input  logic            insert_i,  // a new session's
  input  place_t          place_i,
  input  nonce_t          nonce_i,
  input  entry_t          entry_i,
  input  session_state_t  state_i,
  output command_result_t result_o
);

  result_e        code_q;
  location_t      location_q;
  nonce_t         nonce_q;
  entry_t         entry_q;
  session_state_t state_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      code_q <= ResultOk;
    end else if (done_i) begin
      code_q <= code_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      location_q <= '0;
      nonce_q    <= '0;
    end else if (show_i || insert_i) begin
      location_q <= place_i;
      nonce_q    <= show_i ? entry_i.nonce : nonce_i;
    end
    if (clear_i) begin
      entry_q <= '0;
      state_q <= '0;
    end else if (show_i) begin
      entry_q <= entry_i;
      state_q <= state_i;
    end
  end

  always_comb begin
    result_o             = '{code: code_q, location: location_q, entry: entry_q, state: state_q};
    result_o.entry.nonce = nonce_q;
  end

endmodule
