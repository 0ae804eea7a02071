// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Server nonces from an AES-128 CTR_DRBG (SP 800-90A rev. 1, 10.2.1), seeded by a noise source whose samples undergo
// the start-up and continuous health tests of SP 800-90B, 4.3 and 4.4. Timing: docs/timing/nonce_generator.md, G1-G8.
//
// It never hands out the out-of-bounds value 0, nothing before it is seeded, and nothing once a test has failed.
//
// Defaults: a min-entropy of 4 bits a sample, so that 48 samples give 192 bits, 3/2 of the security strength (8.6.7);
// a false alarm a test once in 2^20 samples.
//
// Not here: prediction resistance, known-answer self-test, comparison with nonces outstanding.
module reveille_nonce_generator #(
  parameter int unsigned SeedSamples    = 48,
  parameter int unsigned StartupSamples = 1024,
  parameter int unsigned ReseedInterval = 65536,
  parameter int unsigned RctCutoff      = 6,
  parameter int unsigned AptCutoff      = 62
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        restart_i,

  input  logic        entropy_valid_i,
  output logic        entropy_ready_o,
  input  logic [7:0]  entropy_data_i,

  output logic        nonce_valid_o,
  input  logic        nonce_ready_i,
  output logic [31:0] nonce_o,

  output logic        seeded_o,
  output logic        rct_failed_o,
  output logic        apt_failed_o
);

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

  // A sample arrives the cycle after its handshake (G2).
  logic       sample_valid_q;
  logic [7:0] sample_q;

  assign entropy_ready_o = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sample_valid_q <= 1'b0;
    else sample_valid_q <= entropy_valid_i && !restart_i;
  end

  always_ff @(posedge clk_i) sample_q <= entropy_data_i;

  logic failure;

  reveille_health_tests #(
    .RctCutoff(RctCutoff),
    .AptCutoff(AptCutoff)
  ) u_health_tests (
    .clk_i,
    .rst_ni,
    .clear_i       (restart_i),
    .sample_valid_i(sample_valid_q),
    .sample_i      (sample_q),
    .failure_o     (failure),
    .rct_failed_o,
    .apt_failed_o
  );

  // Samples counted in Start-up and Collect.
  logic [SampleCountWidth-1:0] sample_count_q;
  logic                        counted, last_sample;

  assign counted     = sample_valid_q && (operation_q == OpStartup || operation_q == OpCollect);
  assign last_sample = counted && sample_count_q == ((operation_q == OpStartup) ?
      SampleCountWidth'(StartupSamples - 1) : SampleCountWidth'(SeedSamples - 1));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sample_count_q <= '0;
    else if (restart_i || last_sample) sample_count_q <= '0;
    else if (counted) sample_count_q <= sample_count_q + 1'b1;
  end

  // The DRBG, and the block of its last Generate.
  logic       drbg_done, block_valid;
  logic [3:0] block_index, octet_q;  // octet_q: of the block, to be fetched next
  logic [7:0] block_octet, octet;

  reveille_ctr_drbg u_ctr_drbg (
    .clk_i,
    .rst_ni,
    .clear_i      (restart_i),
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
    else if (restart_i || operation_q == OpSeed) generate_count_q <= '0;
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
    else if (restart_i) octet_q <= '0;
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
    if (rct_failed_o || apt_failed_o) operation_d = OpFailed;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      operation_q <= OpZeroise;
      seeded_q    <= 1'b0;
      offers_q    <= 1'b0;
    end else if (restart_i) begin
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

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
    end else begin
      assert (!nonce_valid_o || nonce_o != '0) else $error("G5: the out-of-bounds value is offered");
      assert (!nonce_valid_o || seeded_o) else $error("G6: a nonce is offered without a seed");
      assert (!(nonce_valid_o || seeded_o) || !(rct_failed_o || apt_failed_o))
      else $error("G4: seeded, or a nonce is offered, after a failure");
    end
  end

endmodule
