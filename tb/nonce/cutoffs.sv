// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The cutoffs of reveille_nonce_pkg, computed while running, and some at elaboration.
module cutoffs
  import reveille_nonce_pkg::*;
(
  input  logic [31:0] entropy_eighths_i,
  input  logic [31:0] false_alarm_i,
  output logic [31:0] rct_o,
  output logic [31:0] apt_o,
  output logic [31:0] elaborated_o[8]  // for H = 4, 1, 0.125 and 8 with 2^-40, 2^-20, 2^-50 and 2^-30: either cutoff
);

  localparam int unsigned Elaborated[8] = '{
    rct_cutoff(32, 40), apt_cutoff(32, 40), rct_cutoff(8, 20), apt_cutoff(8, 20),
    rct_cutoff(1, 50), apt_cutoff(1, 50), rct_cutoff(64, 30), apt_cutoff(64, 30)
  };

  assign rct_o = rct_cutoff(entropy_eighths_i, false_alarm_i);
  assign apt_o = apt_cutoff(entropy_eighths_i, false_alarm_i);

  for (genvar i = 0; i < 8; i++) begin : gen_elaborated
    assign elaborated_o[i] = Elaborated[i];
  end

endmodule
