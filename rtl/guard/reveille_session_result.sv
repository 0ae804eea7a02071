// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The result registers: 0 from the cycle after a command is first pending, its results from its command_done_o on.
// docs/timing/guard.md: the paragraph behind S16.
//
// The wide ones have a synchronous reset only, until ready, so that what shows an entry is no more than their enable.
module reveille_session_result
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            ready_i,   // start-up is over
  input  logic            pending_i,
  // In the cycle before command_done_o:
  input  result_e         code_i,    // ResultOk in all others
  input  logic            show_i,    // a read's: the entry, if it is not empty
  input  logic            insert_i,  // a new session's
  input  place_t          place_i,
  input  nonce_t          nonce_i,
  input  entry_t          entry_i,
  input  session_state_t  state_i,
  output command_result_t result_o
);

  logic           shows;
  result_e        code_q;
  location_t      location_q;
  nonce_t         nonce_q;
  entry_t         entry_q;
  session_state_t state_q;

  assign shows = show_i && entry_i.held;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      code_q <= ResultOk;
    end else if (pending_i) begin
      code_q <= code_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!ready_i || pending_i) begin
      location_q <= shows || insert_i ? place_i : '0;
      nonce_q    <= shows ? entry_i.nonce : insert_i ? nonce_i : '0;
    end
    if (!ready_i || pending_i && !show_i) begin
      entry_q <= '0;
      state_q <= '0;
    end else if (shows) begin
      entry_q <= entry_i;
      state_q <= state_i;
    end
  end

  always_comb begin
    result_o             = '{code: code_q, location: location_q, entry: entry_q, state: state_q};
    result_o.entry.nonce = nonce_q;
  end

endmodule
