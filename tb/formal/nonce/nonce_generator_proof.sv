// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_nonce_generator never offers 0, nothing before it is seeded or in a failure, and what it offers stays until
// it is taken, fails or restarts (G4, G7 of docs/timing/nonce_generator.md), whatever the noise and the DRBG's random
// bits (tb/formal/free), with resets and restarts at any time. Samples are few here: they are counted.
module nonce_generator_proof (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        restart_i,
  input logic [31:0] silence_limit_i,
  input logic [3:0]  restart_limit_i,
  input logic        entropy_valid_i,
  input logic [7:0]  entropy_data_i,
  input logic        nonce_ready_i
);

  logic        entropy_ready, valid, seeded, rct_failed, apt_failed, silent;
  logic [3:0]  restarts;
  logic [31:0] nonce;

  reveille_nonce_generator #(
    .SeedSamples   (16),
    .StartupSamples(1),
    .ReseedInterval(2)
  ) u_block (
    .clk_i,
    .rst_ni,
    .restart_i,
    .silence_limit_i,
    .restart_limit_i,
    .restarts_o     (restarts),
    .entropy_valid_i,
    .entropy_ready_o(entropy_ready),
    .entropy_data_i,
    .nonce_valid_o  (valid),
    .nonce_ready_i,
    .nonce_o        (nonce),
    .seeded_o       (seeded),
    .rct_failed_o   (rct_failed),
    .apt_failed_o   (apt_failed),
    .silent_o       (silent)
  );

  logic        started_q = 1'b0, waits_q = 1'b0, restart_q, failed;
  logic [31:0] nonce_q;

  assign failed = rct_failed || apt_failed || silent;

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    waits_q   <= rst_ni && valid && !nonce_ready_i;
    restart_q <= rst_ni && restart_i;
    nonce_q   <= nonce;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    if (!rst_ni) begin
      nothing_in_reset: assert (!valid && !seeded);
    end else begin
      zero_never_leaves: assert (!valid || nonce != '0);
      nothing_unseeded: assert (!valid || seeded);
      nothing_in_failure: assert (!failed || !(valid || seeded));
      always_takes_noise: assert (entropy_ready);
      offers: cover (valid && nonce[31:16] == '0 && nonce_ready_i);
      withdrawn: cover (waits_q && failed);
    end
  end

  // A restart shows in the second cycle behind it.
  logic restart_q2;

  always_ff @(posedge clk_i) begin
    restart_q2 <= rst_ni && restart_q;
    if (rst_ni && waits_q && !failed && !restart_q2) begin
      stays: assert (valid && nonce == nonce_q);
    end
  end

endmodule
