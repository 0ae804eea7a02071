// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The noise source of a board, at its clock of 62.5 MHz (docs/entropy.md, "The claim").
module board_noise #(
  parameter int unsigned Division = 32768  // cycles a bit
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       enable_i,
  output logic       m_axis_entropy_tvalid,
  input  logic       m_axis_entropy_tready,
  output logic [7:0] m_axis_entropy_tdata,
  output logic       m_axis_tap_tvalid,
  input  logic       m_axis_tap_tready,
  output logic [7:0] m_axis_tap_tdata,
  output logic       m_axis_tap_tuser
);

  reveille_noise_source #(
    .Division(Division)
  ) u_source (.*);

endmodule
