// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Stands for reveille_health_tests where a proof is to hold whatever the tests find, and whenever: a failure shows in
// the next cycle, and stays until clear_i.
module reveille_health_tests #(
  parameter int unsigned RctCutoff = 11,
  parameter int unsigned AptCutoff = 78
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  logic       sample_valid_i,
  input  logic [7:0] sample_i,
  output logic       failure_o,
  output logic       rct_failed_o,
  output logic       apt_failed_o
);

  logic rct_fails, apt_fails;  // driven by nobody: anything

  assign failure_o = rct_fails || apt_fails;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rct_failed_o <= 1'b0;
      apt_failed_o <= 1'b0;
    end else begin
      rct_failed_o <= (rct_failed_o || rct_fails) && !clear_i;
      apt_failed_o <= (apt_failed_o || apt_fails) && !clear_i;
    end
  end

endmodule
