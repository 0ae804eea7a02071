// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The guard's judgement: the verdict of every frame from its descriptor and the flags of the eight entries it may
// belong to, and the session's change of state (docs/protocol.md, part 3; docs/architecture.md, "Verdict and state
// change"). docs/timing.md: T3-T5; docs/timing/guard.md: V1-V7.
//
// Keeps no session itself; verdicts 0 to 8 are the parser's, whether a frame is lost is the frame buffer's.
`include "reveille_assert.svh"

module reveille_guard
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  input  client_initiated_e  client_initiated_i,
  input  logic [31:0]        interval_i,         // microseconds
  input  time_t              tolerance_i,        // microseconds

  input  time_t              now_i,              // T+10, of a frame with a look-up
  input  descriptor_t        descriptor_i,       // T+11
  input  flags_t [Lanes-1:0] flags_i,            // T+11, T+12
  input  rows_t              rows_i,             // T+8 to T+13
  input  logic               frame_lost_i,       // T+13

  output verdict_t           verdict_o,          // T+13
  output state_write_t       state_write_o       // T+13
);

  // T+12: what the descriptor comes to, but for the flags. All 0 while there is none.
  typedef struct packed {
    logic     valid;
    logic     oversize;
    verdict_e verdict;           // reached without the flags, else 0
    logic     pass;              // that verdict's
    logic     client_initiated;
    logic     ap_request;        // one of these two: the flags decide
    logic     sa_recovered;
    nonce_t   value;
    address_t source;
    time_t    now;
  } judged_t;

  judged_t judged_q;
  logic    no_nonce;

  assign no_nonce = descriptor_i.ap_request && descriptor_i.nonce == '0;

  always_ff @(posedge clk_i) begin
    if (!descriptor_i.valid) begin
      judged_q <= '0;
    end else begin
      judged_q <= '{
          valid: 1'b1,
          oversize: descriptor_i.oversize,
          verdict: descriptor_i.decided ? descriptor_i.verdict : no_nonce ? VerdictClientInitiated : VerdictBypass,
          pass: descriptor_i.decided && verdict_is_pass(descriptor_i.verdict),
          client_initiated: !descriptor_i.decided && no_nonce,
          ap_request: !descriptor_i.decided && descriptor_i.ap_request && !no_nonce,
          sa_recovered: !descriptor_i.decided && !descriptor_i.ap_request,
          value: !descriptor_i.decided && descriptor_i.ap_request ? descriptor_i.nonce : '0,
          source: descriptor_i.source,
          now: descriptor_i.now
      };
    end
  end

  // T+11, T+12: a client has at most one live session, so flags are gathered by OR
  typedef struct packed {
    logic       hit;
    logic       nonce_equal;
    logic       accepts;
    logic       resends;
    logic       replied;
    logic       recovers;
    logic       guesses;
    logic [3:0] resends_left;
    logic [8:0] next_false_nonces;
    logic [1:0] lane;
  } hit_t;

  hit_t first_half_q, half, found;

  always_comb begin
    half = '0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      half |= {
        flags_i[lane].hit,
        flags_i[lane].nonce_equal,
        flags_i[lane].accepts,
        flags_i[lane].resends,
        flags_i[lane].replied,
        flags_i[lane].recovers,
        flags_i[lane].guesses,
        flags_i[lane].resends_left,
        flags_i[lane].next_false_nonces,
        flags_i[lane].hit ? 2'(lane) : 2'd0
      };
    end
    found = first_half_q | half;
  end

  always_ff @(posedge clk_i) begin
    first_half_q <= half;
  end

  // T+12: the verdict
  logic     session_passes, false_nonce;
  verdict_e code;

  assign false_nonce = judged_q.ap_request && found.hit && !found.nonce_equal ||
                       judged_q.sa_recovered && found.replied && !found.recovers;

  always_comb begin
    code           = judged_q.verdict;
    session_passes = 1'b0;
    if (judged_q.ap_request) begin
      session_passes = found.accepts || found.resends;
      if (found.accepts) code = VerdictAccepted;
      else if (found.resends) code = VerdictResend;
      else if (found.nonce_equal) code = VerdictRepeat;
      else code = found.hit ? VerdictFalseNonce : VerdictNotWoken;
    end
    if (judged_q.sa_recovered) begin
      session_passes = found.recovers;
      if (found.recovers) code = VerdictSaRecovered;
      else if (found.replied) code = VerdictFalseNonce;
      else code = found.hit ? VerdictUnexpected : VerdictNotWoken;
    end
  end

  // V5
  logic conforms, within_rate, take_q;

  reveille_rate_limiter u_rate_limiter (
    .clk_i,
    .rst_ni,
    .now_i,
    .tolerance_i,
    .conforms_o (conforms),
    .interval_i,
    .take_i     (take_q && !frame_lost_i)
  );

  assign within_rate = client_initiated_i == ClientInitiatedLimit && conforms;

  // T+13: V2, V7
  verdict_t   verdict_q;
  logic       changes_q, counts_q;
  logic       accepts_q, resends_q;
  logic [3:0] resends_left_q;
  logic [8:0] false_nonces_q;
  place_t     place_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      verdict_q <= '0;
      take_q    <= 1'b0;
      changes_q <= 1'b0;
      counts_q  <= 1'b0;
    end else begin
      verdict_q <= '{
          valid: judged_q.valid,
          code: code,
          pass: judged_q.pass || session_passes ||
                judged_q.client_initiated && (within_rate || client_initiated_i == ClientInitiatedPass),
          oversize: judged_q.oversize,
          guessing: false_nonce && found.guesses,
          value: judged_q.value,
          source: judged_q.source,
          now: judged_q.now
      };
      take_q    <= judged_q.client_initiated && within_rate;
      changes_q <= session_passes;
      counts_q  <= false_nonce;
    end
  end

  always_ff @(posedge clk_i) begin
    accepts_q      <= judged_q.ap_request && found.accepts;
    resends_q      <= judged_q.ap_request && found.resends;
    resends_left_q <= found.resends_left;
    false_nonces_q <= found.next_false_nonces;
    place_q        <= place_of('{bank: found.lane[1], half: !first_half_q.hit, lane: found.lane[0]}, rows_i);
  end

  assign verdict_o = verdict_q;

  // V3
  assign state_write_o = '{
      phase: changes_q && !frame_lost_i,
      false_nonces: counts_q && !frame_lost_i,
      place: place_q,
      state: '{
          phase: accepts_q ? PhaseInService : resends_q ? PhaseReplied : PhaseRecovered,
          resends_left: resends_q ? resends_left_q - 1'b1 : resends_left_q,
          false_nonces: false_nonces_q
      }
  };

  `REVEILLE_ASSERT(LookedUpIfUndecided, !descriptor_i.valid || descriptor_i.decided || descriptor_i.looked_up)
  `REVEILLE_ASSERT(OneLiveSession, !(judged_q.ap_request || judged_q.sa_recovered) || !(first_half_q.hit && half.hit))

endmodule
