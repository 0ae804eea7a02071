// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Server nonces from an AES-128 CTR_DRBG (SP 800-90A rev. 1, 10.2.1), seeded by a noise source whose samples undergo
// the start-up and continuous health tests of SP 800-90B, 4.3 and 4.4. Timing: docs/timing/nonce_generator.md, G1-G10.
//
// It never hands out the out-of-bounds value 0, nothing before it is seeded, and nothing once a test has failed or the
// noise source was silent; then it restarts by itself, as often as it may.
//
// Defaults: a min-entropy of 4 bits a sample, so that 48 samples give 192 bits, 3/2 of the security strength (8.6.7);
// a false alarm a test once in 2^40 samples.
//
// Not here: prediction resistance, known-answer self-test, comparison with nonces outstanding.
`include "reveille_assert.svh"

module reveille_nonce_generator
  import reveille_nonce_pkg::*;
#(
  parameter int unsigned NoiseEntropy   = 32,  // min-entropy claimed for a sample, in eighths of a bit
  parameter int unsigned FalseAlarm     = 40,  // of either test, once in 2^this samples
  parameter int unsigned SeedSamples    = 48,
  parameter int unsigned StartupSamples = 1024,
  parameter int unsigned ReseedInterval = 65536,
  parameter int unsigned RctCutoff      = rct_cutoff(NoiseEntropy, FalseAlarm),
  parameter int unsigned AptCutoff      = apt_cutoff(NoiseEntropy, FalseAlarm)
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        restart_i,
  input  logic [31:0] silence_limit_i,  // cycles without a sample that are a failure; 0: none are
  input  logic [3:0]  restart_limit_i,
  output logic [3:0]  restarts_o,       // by itself, since restart_i

  input  logic        entropy_valid_i,
  output logic        entropy_ready_o,
  input  logic [7:0]  entropy_data_i,

  output logic        nonce_valid_o,
  input  logic        nonce_ready_i,
  output logic [31:0] nonce_o,

  output logic        seeded_o,
  output logic        rct_failed_o,
  output logic        apt_failed_o,
  output logic        silent_o
);

  if (NoiseEntropy < 1 || NoiseEntropy > 64) begin : gen_bad_noise_entropy
    $error("reveille_nonce_generator: NoiseEntropy %0d: expected 1 to 64 eighths of a bit", NoiseEntropy);
  end
  if (FalseAlarm < 20 || FalseAlarm > 50) begin : gen_bad_false_alarm
    $error("reveille_nonce_generator: FalseAlarm %0d: expected 20 to 50", FalseAlarm);
  end

  if (SeedSamples < 16 || SeedSamples > 55) begin : gen_bad_seed_samples
    $error("reveille_nonce_generator: SeedSamples %0d: expected 16 to 55", SeedSamples);
  end
  if (StartupSamples < 1) begin : gen_bad_startup_samples
    $error("reveille_nonce_generator: StartupSamples %0d: expected 1 or more", StartupSamples);
  end
  if (ReseedInterval < 1) begin : gen_bad_reseed_interval
    $error("reveille_nonce_generator: ReseedInterval %0d: expected 1 or more", ReseedInterval);
  end

  localparam int unsigned SampleCountMax = (StartupSamples > SeedSamples) ? StartupSamples : SeedSamples;
  localparam int unsigned SampleCountWidth = $clog2(SampleCountMax + 1);
  localparam int unsigned GenerateCountWidth = $clog2(ReseedInterval + 1);

  // The operations of rule G5, Generate in its two parts.
  typedef enum logic [3:0] {
    OpZeroise,
    OpStartup,
    OpCollect,
    OpSeed,
    OpBlock,
    OpUpdate,
    OpFetch,
    OpOffer,
    OpFailed
  } operation_e;

  operation_e operation_q, operation_d;

  // Failure, and restart: by the host, or in the first cycle of a failure by itself (G9).
  logic failed, failed_q, restart;

  assign failed  = rct_failed_o || apt_failed_o || silent_o;
  assign restart = restart_i || (failed && !failed_q && restarts_o < restart_limit_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      failed_q   <= 1'b0;
      restarts_o <= '0;
    end else begin
      failed_q <= failed && !restart;
      if (restart_i) restarts_o <= '0;
      else if (restart) restarts_o <= restarts_o + 1'b1;
    end
  end

  // A sample arrives the cycle after its handshake (G2).
  logic       sample_valid_q;
  logic [7:0] sample_q;

  assign entropy_ready_o = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sample_valid_q <= 1'b0;
    else sample_valid_q <= entropy_valid_i && !restart;
  end

  always_ff @(posedge clk_i) sample_q <= entropy_data_i;

  logic failure, sample_fails, silence;

  assign failure = sample_fails || silence;

  reveille_health_tests #(
    .RctCutoff(RctCutoff),
    .AptCutoff(AptCutoff)
  ) u_health_tests (
    .clk_i,
    .rst_ni,
    .clear_i       (restart),
    .sample_valid_i(sample_valid_q),
    .sample_i      (sample_q),
    .failure_o     (sample_fails),
    .rct_failed_o,
    .apt_failed_o
  );

  // Silence: so many cycles without a sample, this one counted if none arrives in it.
  logic [31:0] missing_q;

  assign silence = !sample_valid_q && silence_limit_i != '0 && missing_q >= silence_limit_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      missing_q <= 32'd1;
      silent_o  <= 1'b0;
    end else if (restart) begin
      missing_q <= 32'd1;
      silent_o  <= 1'b0;
    end else begin
      if (sample_valid_q) missing_q <= 32'd1;
      else if (missing_q != '1) missing_q <= missing_q + 1'b1;
      if (silence) silent_o <= 1'b1;
    end
  end

  // Samples counted in Start-up and Collect.
  logic [SampleCountWidth-1:0] sample_count_q;
  logic                        counted, last_sample;

  assign counted     = sample_valid_q && (operation_q == OpStartup || operation_q == OpCollect);
  assign last_sample = counted && sample_count_q == ((operation_q == OpStartup) ?
      SampleCountWidth'(StartupSamples - 1) : SampleCountWidth'(SeedSamples - 1));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sample_count_q <= '0;
    else if (restart || last_sample) sample_count_q <= '0;
    else if (counted) sample_count_q <= sample_count_q + 1'b1;
  end

  // The DRBG, and the block of its last Generate.
  logic       drbg_done, block_valid;
  logic [3:0] block_index, octet_q;  // octet_q: of the block, to be fetched next
  logic [7:0] block_octet, octet;

  reveille_ctr_drbg u_ctr_drbg (
    .clk_i,
    .rst_ni,
    .clear_i      (restart),
    .seed_valid_i (sample_valid_q && operation_q == OpCollect),
    .seed_octet_i (sample_q),
    .zeroise_i    (operation_q == OpZeroise),
    .seed_i       (operation_q == OpSeed),
    .block_i      (operation_q == OpBlock),
    .update_i     (operation_q == OpUpdate),
    .done_o       (drbg_done),
    .block_valid_o(block_valid),
    .block_index_o(block_index),
    .block_octet_o(block_octet)
  );

  reveille_lutram #(
    .Width(8),
    .Depth(16)
  ) u_block (
    .clk_i,
    .we_i   (block_valid),
    .waddr_i(block_index),
    .wdata_i(block_octet),
    .raddr_i(octet_q),
    .rdata_o(octet)
  );

  // Generates since the last seed (the standard's reseed_counter, less one).
  logic [GenerateCountWidth-1:0] generate_count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) generate_count_q <= '0;
    else if (restart || operation_q == OpSeed) generate_count_q <= '0;
    else if (drbg_done && operation_q == OpBlock) generate_count_q <= generate_count_q + 1'b1;
  end

  // Which of the four candidates are not 0, noted while they are written.
  logic [3:0] nonzero_q;

  always_ff @(posedge clk_i) begin
    if (block_valid) begin
      nonzero_q[block_index[3:2]] <= block_octet != 8'h00 || (block_index[1:0] != 2'd0 && nonzero_q[block_index[3:2]]);
    end
  end

  // Fetch: four octets into the nonce. Zeroise fetches as well, the zeros that the DRBG leaves in the block.
  logic        fetch;
  logic [31:0] nonce_q;

  assign fetch = operation_q == OpFetch || operation_q == OpZeroise;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) octet_q <= '0;
    else if (restart) octet_q <= '0;
    else if (fetch) octet_q <= octet_q + 4'd1;
  end

  always_ff @(posedge clk_i) begin
    if (fetch) nonce_q <= {nonce_q[23:0], octet};
  end

  // The list of operations.
  operation_e after_candidate, after_block;
  logic       seeded_q;
  logic       offers_q;  // operation_q is OpOffer, and no test has failed

  assign after_block = (generate_count_q == GenerateCountWidth'(ReseedInterval)) ? OpCollect : OpBlock;

  always_comb begin
    after_candidate = OpFetch;
    if (operation_q == OpOffer ? octet_q == 4'd0 : octet_q == 4'd15) after_candidate = after_block;

    operation_d = operation_q;
    unique case (operation_q)
      OpZeroise: if (drbg_done) operation_d = OpStartup;
      OpStartup: if (last_sample) operation_d = OpCollect;
      OpCollect: if (last_sample) operation_d = OpSeed;
      OpSeed:    if (drbg_done) operation_d = OpBlock;
      OpBlock:   if (drbg_done) operation_d = OpUpdate;
      OpUpdate:  if (drbg_done) operation_d = OpFetch;
      OpFetch:   if (octet_q[1:0] == 2'd3) operation_d = nonzero_q[octet_q[3:2]] ? OpOffer : after_candidate;
      OpOffer:   if (nonce_ready_i) operation_d = after_candidate;
      default:   operation_d = OpFailed;  // until restart
    endcase
    if (failed) operation_d = OpFailed;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      operation_q <= OpZeroise;
      seeded_q    <= 1'b0;
      offers_q    <= 1'b0;
    end else if (restart) begin
      operation_q <= OpZeroise;
      seeded_q    <= 1'b0;
      offers_q    <= 1'b0;
    end else begin
      operation_q <= operation_d;
      offers_q    <= operation_d == OpOffer && !failure;
      if (failure) seeded_q <= 1'b0;
      else if (operation_q == OpSeed && drbg_done) seeded_q <= 1'b1;
    end
  end

  // In the first cycle of a failure operation_q does not know it yet.
  assign seeded_o      = seeded_q;
  assign nonce_valid_o = offers_q;
  assign nonce_o       = nonce_valid_o ? nonce_q : '0;

  `REVEILLE_ASSERT(NeverTheOutOfBoundsValue, !nonce_valid_o || nonce_o != '0)
  `REVEILLE_ASSERT(NoNonceWithoutASeed, !nonce_valid_o || seeded_o)
  `REVEILLE_ASSERT(NothingAfterAFailure, !failed || !(nonce_valid_o || seeded_o))
  `REVEILLE_ASSERT(WithinTheRestartLimit, $past(restart && !restart_i) |-> restarts_o != '0)

endmodule
