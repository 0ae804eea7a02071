// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_guard behind reveille_frame_parser, beside reveille_frame_delay: each frame has one verdict, exactly 14
// cycles behind its last beat (T4, V2), in the cycle in which that beat leaves the delay (I4), and there is no other.
// Beats of any kind, with resets at any time, any configuration and any session: of the store it is believed that its
// flags agree with themselves, and that a client has at most one live session.
module guard_proof
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_guard_pkg::*;
(
  input logic               clk_i,
  input logic               rst_ni,
  input server_config_t     config_i,
  input time_t              time_i,
  input beat_t              beat_i,
  input client_initiated_e  client_initiated_i,
  input logic [31:0]        interval_i,
  input time_t              tolerance_i,
  input nonce_t             nonce_i,
  input time_t              now_i,
  input flags_t [Lanes-1:0] flags_i,
  input logic               frame_lost_i,
  input logic               refused_i
);

  localparam int unsigned Latency = VerdictCycles;

  descriptor_t  descriptor;
  verdict_t     verdict;
  state_write_t state_write;
  logic         yields, delayed_valid, delayed_ends;

  reveille_frame_parser u_parser (
    .clk_i,
    .rst_ni,
    .config_i,
    .time_i,
    .beat_i,
    .source_o      (),
    .source_ipv4_o (),
    .source_upper_o(),
    .source_lower_o(),
    .client_o      (),
    .lookup_value_o(),
    .descriptor_o  (descriptor)
  );

  reveille_guard u_block (
    .clk_i,
    .rst_ni,
    .client_initiated_i,
    .interval_i,
    .tolerance_i,
    .nonce_i,
    .now_i,
    .descriptor_i (descriptor),
    .flags_i,
    .frame_lost_i,
    .refused_i,
    .verdict_o    (verdict),
    .yields_o     (yields),
    .state_write_o(state_write)
  );

  reveille_frame_delay u_delay (
    .clk_i,
    .rst_ni,
    .beat_i,
    .valid_o (delayed_valid),
    .ends_o  (delayed_ends),
    .octets_o(),
    .data_o  ()
  );

  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_lane
    flags_rules #(
      .Assumed(1'b1)
    ) u_flags (
      .clk_i,
      .enable_i(1'b1),
      .flags_i (flags_i[lane])
    );
  end

  logic               started_q = 1'b0, undecided_q;
  logic [Latency:1]   valid_q, ends_q;         // [i]: a beat, the last one of a frame, i cycles ago
  logic [Lanes-1:0]   hits, hits_q;
  logic               changes;

  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_hits
    assign hits[lane] = flags_i[lane].hit;
  end

  assign changes = {state_write.phase, state_write.false_nonces} != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q     <= '0;
      ends_q      <= '0;
      undecided_q <= 1'b0;
    end else begin
      valid_q     <= {valid_q[Latency-1:1], beat_i.valid};
      ends_q      <= {ends_q[Latency-1:1], beat_i.valid && beat_i.last};
      undecided_q <= descriptor.valid && !descriptor.decided;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    hits_q    <= hits;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (!undecided_q || $onehot0({hits_q, hits}));
    if (rst_ni) begin
      one_verdict_a_frame: assert (verdict.valid == ends_q[Latency]);
      descriptor_before_it: assert (descriptor.valid == ends_q[Latency-2]);
      beside_its_last_beat: assert (delayed_valid == valid_q[Latency] && delayed_ends == verdict.valid);
      nothing_without_a_frame: assert (verdict.valid || ({verdict.code, verdict.pass, verdict.oversize,
                                                         verdict.guessing, verdict.value} == '0 && !changes));
      no_other_verdict: assert (verdict.code < VerdictCount);
      passing_verdicts: assert (!verdict.pass || verdict.code inside {VerdictBypass, VerdictClientInitiated,
                                VerdictAccepted, VerdictResend, VerdictSaRecovered});
      these_always_pass: assert (!(verdict.valid && verdict.code inside {VerdictBypass, VerdictAccepted, VerdictResend,
                                                                         VerdictSaRecovered}) || verdict.pass);
      ordinary_frames_yield: assert (!verdict.pass ||
                                     yields == (verdict.code inside {VerdictBypass, VerdictClientInitiated}));
      oversize_is_bypass: assert (!verdict.oversize || verdict.code == VerdictBypass);
      one_change_at_most: assert ($onehot0({state_write.phase, state_write.false_nonces}));
      changes_as_told: assert (!changes || verdict.code inside {VerdictAccepted, VerdictResend, VerdictSaRecovered,
                                                               VerdictFalseNonce});
      in_every_cycle: cover (&ends_q);
      unparsable: cover (verdict.code == VerdictUnparsable);
      accepted: cover (verdict.code == VerdictAccepted && state_write.phase[2]);
      recovered: cover (verdict.code == VerdictSaRecovered && !changes);
    end
  end

endmodule
