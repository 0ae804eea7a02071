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

  // A bit of each operation of rule G5, Generate in its two parts; none in failure
  typedef struct packed {
    logic zeroise;
    logic startup;
    logic collect;
    logic seed;
    logic block;
    logic update;
    logic fetch;
    logic offer;
  } operation_t;

  operation_t operation_q, operation_d;

  // Failure of any kind, and restart: by the host, or by itself, known in the second cycle of a failure (G9). restart_q
  // is G1's restart cycle.
  logic failure, silence, failed_q, failed_before_q, begins_q, allowed_q, restarts_itself, itself_q, restart_q;

  assign restarts_itself = begins_q && allowed_q && !restart_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      failed_q        <= 1'b0;
      failed_before_q <= 1'b0;
      begins_q        <= 1'b0;
      allowed_q       <= 1'b0;
      itself_q        <= 1'b0;
      restart_q       <= 1'b0;
      restarts_o      <= '0;
    end else begin
      failed_q        <= (failed_q || failure) && !restart_q;
      failed_before_q <= failed_q && !restart_q;
      begins_q        <= failed_q && !failed_before_q && !restart_q;
      allowed_q       <= restarts_o < restart_limit_i;
      itself_q        <= restarts_itself && !restart_i;
      restart_q       <= restart_i || restarts_itself;
      if (restart_q) restarts_o <= itself_q ? restarts_o + 1'b1 : '0;
    end
  end

  // A sample arrives the cycle after its handshake (G2).
  logic       sample_valid_q;
  logic [7:0] sample_q;

  assign entropy_ready_o = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sample_valid_q <= 1'b0;
    else sample_valid_q <= entropy_valid_i && !restart_q;
  end

  always_ff @(posedge clk_i) sample_q <= entropy_data_i;

  logic sample_fails;

  assign failure = sample_fails || silence;

  reveille_health_tests #(
    .RctCutoff(RctCutoff),
    .AptCutoff(AptCutoff)
  ) u_health_tests (
    .clk_i,
    .rst_ni,
    .clear_i       (restart_q),
    .sample_valid_i(sample_valid_q),
    .sample_i      (sample_q),
    .failure_o     (sample_fails),
    .rct_failed_o,
    .apt_failed_o
  );

  // Silence: so many cycles without a sample, this one counted if none arrives in it. One bit more than the limit has:
  // there the count stops.
  logic [32:0] missing_q;
  logic [31:0] limit_q;
  logic        quiet_q;               // no sample arrived in the cycle before
  logic        limited_q, reached_q;  // there is a limit, and the count of the cycle before had got there

  assign silence = quiet_q && limited_q && reached_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      quiet_q  <= 1'b0;
      silent_o <= 1'b0;
    end else begin
      quiet_q  <= !sample_valid_q && !restart_q;
      silent_o <= (silent_o || silence) && !restart_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) missing_q <= 33'd1;
    else if (restart_q || sample_valid_q) missing_q <= 33'd1;
    else if (!missing_q[32]) missing_q <= missing_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    limit_q   <= silence_limit_i;
    limited_q <= limit_q != '0;
    reached_q <= missing_q >= {1'b0, limit_q};
  end

  // Samples counted in Start-up and Collect: those still to come but two, so that it is negative for the last one.
  logic signed [SampleCountWidth:0] samples_left_q;
  logic                             counted, last_sample;

  localparam logic [SampleCountWidth:0] StartupLeft = (SampleCountWidth + 1)'(int'(StartupSamples) - 2);
  localparam logic [SampleCountWidth:0] SeedLeft = (SampleCountWidth + 1)'(int'(SeedSamples) - 2);

  assign counted     = sample_valid_q && (operation_q.startup || operation_q.collect);
  assign last_sample = counted && samples_left_q < 0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) samples_left_q <= StartupLeft;
    else if (operation_q.zeroise) samples_left_q <= StartupLeft;
    else if (counted) samples_left_q <= samples_left_q < 0 ? SeedLeft : samples_left_q - 1'b1;
  end

  // The DRBG, and the block of its last Generate.
  logic       drbg_done, block_valid;
  logic [3:0] block_index, octet_q;  // octet_q: of the block, to be fetched next
  logic [7:0] block_octet, octet;

  reveille_ctr_drbg u_ctr_drbg (
    .clk_i,
    .rst_ni,
    .clear_i      (restart_q),
    .seed_valid_i (sample_valid_q && operation_q.collect),
    .seed_octet_i (sample_q),
    .zeroise_i    (operation_q.zeroise),
    .seed_i       (operation_q.seed),
    .block_i      (operation_q.block),
    .update_i     (operation_q.update),
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

  // Generates still to come before the next seed but one, so that it is negative when a seed is due.
  logic signed [GenerateCountWidth:0] generates_left_q;

  localparam logic [GenerateCountWidth:0] GeneratesLeft = (GenerateCountWidth + 1)'(ReseedInterval - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) generates_left_q <= GeneratesLeft;
    else if (restart_q || operation_q.seed) generates_left_q <= GeneratesLeft;
    else if (drbg_done && operation_q.block) generates_left_q <= generates_left_q - 1'b1;
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
  logic        fetched_q;         // the last cycle of Fetch
  logic        usable_q;             // the candidate fetched is not 0
  logic        again_q, reseed_q;    // it is the block's last; what comes behind it
  logic [31:0] nonce_q;

  assign fetch = operation_q.fetch || operation_q.zeroise;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) octet_q <= '0;
    else if (restart_q) octet_q <= '0;
    else if (fetch) octet_q <= octet_q + 4'd1;
  end

  always_ff @(posedge clk_i) begin
    if (fetch) nonce_q <= {nonce_q[23:0], octet};
    fetched_q <= operation_q.fetch && octet_q[1:0] == 2'd2 && !restart_q;
    usable_q  <= nonzero_q[octet_q[3:2]];
    if (operation_q.fetch) begin
      again_q  <= octet_q[3:2] == 2'd3 && generates_left_q >= 0;
      reseed_q <= octet_q[3:2] == 2'd3 && generates_left_q < 0;
    end
  end

  // The list of operations
  // -----------------------------------------------------------------------------------------------------
  logic passed;    // a candidate, offered or not
  logic seeded_q;
  logic offers_q;  // Offer, and no test has failed

  assign passed = operation_q.offer ? nonce_ready_i : fetched_q && !usable_q;

  assign operation_d = '{
      zeroise: operation_q.zeroise && !drbg_done,
      startup: operation_q.startup ? !last_sample : operation_q.zeroise && drbg_done,
      collect: operation_q.collect ? !last_sample :
               (operation_q.startup && last_sample) || (passed && reseed_q),
      seed: operation_q.seed ? !drbg_done : operation_q.collect && last_sample,
      block: operation_q.block ? !drbg_done : (operation_q.seed && drbg_done) || (passed && again_q),
      update: operation_q.update ? !drbg_done : operation_q.block && drbg_done,
      fetch: (operation_q.fetch && !fetched_q) || (operation_q.update && drbg_done) ||
             (passed && !again_q && !reseed_q),
      offer: operation_q.offer ? !nonce_ready_i : fetched_q && usable_q
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      operation_q <= '{zeroise: 1'b1, default: 1'b0};
      seeded_q    <= 1'b0;
      offers_q    <= 1'b0;
    end else begin
      operation_q <= operation_d;
      if (restart_q || failed_q) operation_q <= '0;
      if (restart_q) operation_q.zeroise <= 1'b1;
      if (restart_q || failed_q || failure) begin
        seeded_q <= 1'b0;
        offers_q <= 1'b0;
      end else begin
        offers_q <= operation_d.offer;
        if (operation_q.seed && drbg_done) seeded_q <= 1'b1;
      end
    end
  end

  // In the first cycle of a failure operation_q does not know it yet.
  assign seeded_o      = seeded_q;
  assign nonce_valid_o = offers_q;
  assign nonce_o       = nonce_q;

  `REVEILLE_ASSERT(OneOperation, $onehot0(operation_q))
  `REVEILLE_ASSERT(NeverTheOutOfBoundsValue, !nonce_valid_o || nonce_o != '0)
  `REVEILLE_ASSERT(NoNonceWithoutASeed, !nonce_valid_o || seeded_o)
  `REVEILLE_ASSERT(NothingAfterAFailure, !failed_q || !(nonce_valid_o || seeded_o))
  `REVEILLE_ASSERT(FailedIsOneOfThree, failed_q == (rct_failed_o || apt_failed_o || silent_o))
  `REVEILLE_ASSERT_NEXT(WithinTheRestartLimit, restart_q && itself_q, restarts_o != '0)

endmodule
