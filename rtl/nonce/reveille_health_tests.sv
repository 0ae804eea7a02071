// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Continuous health tests of a noise source (SP 800-90B): repetition count test (4.4.1) and adaptive proportion test
// (4.4.2), on every sample. Timing: nonce generator, rule G3. The outputs are sticky until clear_i.
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

  output logic       failure_o,     // of this sample: it shows in the next cycle
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

  // Repetition count: the run that ends with the last sample, 0 before the first one, counted up to one short of the
  // cutoff.
  logic [7:0]          last_q;
  logic [RunWidth-1:0] run_q;
  logic                run_goes_on, run_at_limit, rct_failure;

  assign run_goes_on  = run_q != '0 && sample_i == last_q;
  assign run_at_limit = run_q == RunWidth'(RctCutoff - 1);
  assign rct_failure  = sample_valid_i && run_goes_on && run_at_limit;

  // Adaptive proportion: samples of the window that equal its first one.
  logic [$clog2(AptWindow)-1:0] window_q;
  logic [7:0]                   reference_q;
  logic [MatchWidth-1:0]        matches_q;
  logic                         window_begins, reference_seen, apt_failure;

  assign window_begins  = window_q == '0;
  assign reference_seen = !window_begins && sample_i == reference_q;
  assign apt_failure    = sample_valid_i && reference_seen && matches_q == MatchWidth'(AptCutoff - 1);

  assign failure_o      = rct_failure || apt_failure;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      last_q       <= '0;
      run_q        <= '0;
      window_q     <= '0;
      reference_q  <= '0;
      matches_q    <= '0;
      rct_failed_o <= 1'b0;
      apt_failed_o <= 1'b0;
    end else if (clear_i) begin
      run_q        <= '0;
      window_q     <= '0;
      rct_failed_o <= 1'b0;
      apt_failed_o <= 1'b0;
    end else if (sample_valid_i) begin
      last_q   <= sample_i;
      window_q <= window_q + 1'b1;
      if (!run_goes_on) run_q <= RunWidth'(1);
      else if (!run_at_limit) run_q <= run_q + 1'b1;
      if (window_begins) begin
        reference_q <= sample_i;
        matches_q   <= MatchWidth'(1);
      end else if (reference_seen) begin
        matches_q <= matches_q + 1'b1;
      end
      if (rct_failure) rct_failed_o <= 1'b1;
      if (apt_failure) apt_failed_o <= 1'b1;
    end
  end

  `REVEILLE_ASSERT(RunWithinTheCutoff, run_q < RunWidth'(RctCutoff - 1) || run_at_limit)
  `REVEILLE_ASSERT(MatchesWithinTheWindow,
                   window_begins || (matches_q != '0 && matches_q <= MatchWidth'(window_q)))

endmodule
