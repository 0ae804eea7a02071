// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// A time that lies a wait behind now: a new session's deadline, or a session's next Wake Up, whose wait has been
// doubled with each one sent (docs/architecture.md, "Visits"). No sum wraps: a time beyond the last one is the last
// one. docs/timing/guard.md: S9, S15.
module reveille_session_later
  import reveille_pkg::*;
(
  input  logic       clk_i,
  input  logic       load_i,        // l
  input  time_t      wait_i,        // l
  input  logic [3:0] doublings_i,   // l
  input  time_t      now_i,         // from l+1 on
  output logic       settled_o,     // from l+3+doublings on, until the next l
  output time_t      later_o        // then
);

  localparam int unsigned TimeWidth = $bits(time_t);

  time_t              wait_q;
  logic [3:0]         doublings_q;  // still to be made
  logic [TimeWidth:0] sum_q;
  logic               doubles, scaled_q;

  assign doubles = doublings_q != '0;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      wait_q      <= wait_i;
      doublings_q <= doublings_i;
    end else if (doubles) begin
      wait_q      <= wait_q << 1;
      doublings_q <= doublings_q - 1'b1;
    end
    sum_q     <= (TimeWidth + 1)'(now_i) + (TimeWidth + 1)'(wait_q);
    scaled_q  <= !load_i && !doubles;
    settled_o <= !load_i && !doubles && scaled_q;
    if (sum_q[TimeWidth]) later_o <= '1;
    else                  later_o <= sum_q[TimeWidth-1:0];
  end

endmodule
