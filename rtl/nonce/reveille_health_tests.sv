// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Continuous health tests of a noise source (SP 800-90B): repetition count test (4.4.1) and adaptive proportion test
// (4.4.2), on every sample. Timing: nonce generator, rule G3. The outputs are sticky until clear_i. Samples are
// compared in one cycle, counted in the next, and judged in the third.
//
// Cutoffs are the instantiating module's business.
`include "reveille_assert.svh"

module reveille_health_tests #(
  parameter int unsigned RctCutoff = 11,
  parameter int unsigned AptCutoff = 78
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

  input  logic       sample_valid_i,
  input  logic [7:0] sample_i,

  output logic       failure_o,     // of the sample of two cycles ago: it shows in the next cycle
  output logic       rct_failed_o,
  output logic       apt_failed_o
);

  localparam int unsigned AptWindow = 512;  // for samples that are not binary
  localparam int unsigned RunWidth = $clog2(RctCutoff);
  localparam int unsigned MatchWidth = $clog2(AptWindow + 1);

  if (RctCutoff < 2) begin : gen_bad_rct_cutoff
    $error("reveille_health_tests: RctCutoff %0d: expected 2 or more", RctCutoff);
  end
  if (AptCutoff < 2 || AptCutoff > AptWindow) begin : gen_bad_apt_cutoff
    $error("reveille_health_tests: AptCutoff %0d: expected 2 to %0d", AptCutoff, AptWindow);
  end

  // Comparing: with the sample before, and with the first one of the window
  // ---------------------------------------------------
  logic                         valid_q, goes_on_q, begins_q, matches_first_q;  // of the sample before
  logic [7:0]                   last_q, first_q;
  logic [$clog2(AptWindow)-1:0] window_q;
  logic                         window_begins_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q         <= 1'b0;
      window_q        <= '0;
      window_begins_q <= 1'b1;
    end else if (clear_i) begin
      valid_q         <= 1'b0;
      window_q        <= '0;
      window_begins_q <= 1'b1;
    end else begin
      valid_q <= sample_valid_i;
      if (sample_valid_i) begin
        window_q        <= window_q + 1'b1;
        window_begins_q <= window_q == '1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (sample_valid_i) last_q <= sample_i;
    if (sample_valid_i && window_begins_q) first_q <= sample_i;
    goes_on_q       <= sample_i == last_q;
    begins_q        <= window_begins_q;
    matches_first_q <= sample_i == first_q;
  end

  // Counting: the run that ends with the last sample, 0 before the first one, up to one short of the cutoff; and the
  // samples of the window that equal its first one
  // ---------------------------------------------------------------------------
  logic [RunWidth-1:0]   run_q;
  logic [MatchWidth-1:0] matches_q;
  logic                  run_goes_on, run_at_limit, matches_more, rct_fails_q, apt_fails_q;

  assign run_goes_on  = goes_on_q && run_q != '0;
  assign run_at_limit = run_q == RunWidth'(RctCutoff - 1);
  assign matches_more = matches_first_q && !begins_q;
  assign failure_o    = rct_fails_q || apt_fails_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q        <= '0;
      matches_q    <= '0;
      rct_fails_q  <= 1'b0;
      apt_fails_q  <= 1'b0;
      rct_failed_o <= 1'b0;
      apt_failed_o <= 1'b0;
    end else if (clear_i) begin
      run_q        <= '0;
      rct_fails_q  <= 1'b0;
      apt_fails_q  <= 1'b0;
      rct_failed_o <= 1'b0;
      apt_failed_o <= 1'b0;
    end else begin
      if (valid_q) begin
        if (!run_goes_on) run_q <= RunWidth'(1);
        else if (!run_at_limit) run_q <= run_q + 1'b1;
        if (begins_q) matches_q <= MatchWidth'(1);
        else if (matches_first_q) matches_q <= matches_q + 1'b1;
      end
      rct_fails_q <= valid_q && run_goes_on && run_at_limit;
      apt_fails_q <= valid_q && matches_more && matches_q == MatchWidth'(AptCutoff - 1);
      if (rct_fails_q) rct_failed_o <= 1'b1;
      if (apt_fails_q) apt_failed_o <= 1'b1;
    end
  end

  `REVEILLE_ASSERT(RunWithinTheCutoff, run_q < RunWidth'(RctCutoff - 1) || run_at_limit)
  `REVEILLE_ASSERT(WindowBegins, window_begins_q == (window_q == '0))
  `REVEILLE_ASSERT(MatchesWithinTheWindow,
                   !valid_q || begins_q || (matches_q != '0 && matches_q <= MatchWidth'(AptWindow)))

endmodule
