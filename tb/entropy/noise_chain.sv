// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The noise source in front of the core's nonce generator, with the defaults of the core but for the time of a bit.
module noise_chain #(
  parameter int unsigned Division = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [15:0] levels_i,  // of the rings, and
  output logic [15:0] runs_o,    // which of them run: at the number of a ring's stages
  input  logic        enable_i,
  input  logic        restart_i,
  input  logic        block_i,   // the generator takes no sample
  output logic        sample_valid_o,
  output logic [7:0]  sample_o,
  input  logic        tap_ready_i,
  output logic        tap_valid_o,
  output logic [7:0]  tap_o,
  output logic        tap_gap_o,
  output logic        seeded_o,
  output logic        rct_failed_o,
  output logic        apt_failed_o,
  output logic        silent_o
);

  assign ring_levels_pkg::levels = levels_i;
  assign runs_o = ring_levels_pkg::runs;

  logic        ready, nonce_valid;
  logic [3:0]  restarts;
  logic [31:0] nonce;
  logic        unused;

  assign unused = &{1'b0, nonce_valid, restarts, nonce};

  reveille_noise_source #(
    .Division(Division)
  ) u_source (
    .clk_i,
    .rst_ni,
    .enable_i,
    .m_axis_entropy_tvalid(sample_valid_o),
    .m_axis_entropy_tready(ready && !block_i),
    .m_axis_entropy_tdata (sample_o),
    .m_axis_tap_tvalid    (tap_valid_o),
    .m_axis_tap_tready    (tap_ready_i),
    .m_axis_tap_tdata     (tap_o),
    .m_axis_tap_tuser     (tap_gap_o)
  );

  reveille_nonce_generator u_generator (
    .clk_i,
    .rst_ni,
    .restart_i,
    .silence_limit_i(32'(32 * Division)),
    .restart_limit_i('0),
    .restarts_o     (restarts),
    .entropy_valid_i(sample_valid_o && !block_i),
    .entropy_ready_o(ready),
    .entropy_data_i (sample_o),
    .nonce_valid_o  (nonce_valid),
    .nonce_ready_i  (1'b0),
    .nonce_o        (nonce),
    .seeded_o,
    .rct_failed_o,
    .apt_failed_o,
    .silent_o
  );

endmodule
