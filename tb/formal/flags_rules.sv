// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the store says of an entry (N3 of docs/timing/guard.md) agrees with itself: of one that is not hit nothing, of
// another one verdict for each kind of frame, and whether that passes or is a false nonce. Held of a lane; with
// Assumed, believed by who reads it.
module flags_rules
  import reveille_verdict_pkg::*;
  import reveille_guard_pkg::*;
#(
  parameter bit Assumed = 1'b0
) (
  input logic   clk_i,
  input logic   enable_i,
  input flags_t flags_i
);

  verdict_e ap_request, sa_recovered;
  logic     silent, agrees;

  assign ap_request   = verdict_e'(VerdictNotWoken ^ flags_i.ap_request);
  assign sa_recovered = verdict_e'(VerdictNotWoken ^ flags_i.sa_recovered);
  assign silent       = {flags_i.ap_request, flags_i.sa_recovered, flags_i.ap_passes, flags_i.ap_fails,
                         flags_i.sa_passes, flags_i.sa_fails, flags_i.guesses} == '0;
  assign agrees       = ap_request inside {VerdictFalseNonce, VerdictRepeat, VerdictAccepted, VerdictResend} &&
                        flags_i.ap_passes == (ap_request inside {VerdictAccepted, VerdictResend}) &&
                        flags_i.ap_fails == (ap_request == VerdictFalseNonce) &&
                        sa_recovered inside {VerdictFalseNonce, VerdictUnexpected, VerdictSaRecovered} &&
                        flags_i.sa_passes == (sa_recovered == VerdictSaRecovered) &&
                        flags_i.sa_fails == (sa_recovered == VerdictFalseNonce);

  if (Assumed) begin : gen_assumed
    always_ff @(posedge clk_i) if (enable_i) assume (flags_i.hit ? agrees : silent);
  end else begin : gen_held
    always_ff @(posedge clk_i) begin
      if (enable_i) begin
        flags_agree: assert (flags_i.hit ? agrees : silent);
      end
    end
  end

endmodule
