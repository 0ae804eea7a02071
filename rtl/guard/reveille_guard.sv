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

  input  client_initiated_e  client_initiated_i, // T+12
  input  logic [31:0]        interval_i,         // T+13, microseconds
  input  time_t              tolerance_i,        // microseconds

  input  nonce_t             nonce_i,            // T+11: an AP Request's, before its descriptor
  input  time_t              now_i,              // T+11, of a frame with a look-up
  input  descriptor_t        descriptor_i,       // T+12
  input  flags_t [Lanes-1:0] flags_i,            // T+12, T+13
  input  logic               frame_lost_i,       // T+14
  input  logic               refused_i,          // T+14: it is, if it passes and does not yield

  output verdict_t           verdict_o,          // T+14
  output logic               yields_o,           // T+14, of one that passes: bypass or client_initiated
  output state_write_t       state_write_o       // T+14
);

  // T+12: whether the nonce is 0, in parts
  localparam int unsigned ZeroParts = 4;

  logic [ZeroParts-1:0] zero_q;
  logic                 ap_request, no_nonce;

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < ZeroParts; i++) begin
      zero_q[i] <= nonce_i[i*($bits(nonce_t)/ZeroParts)+:$bits(nonce_t)/ZeroParts] == '0;
    end
  end

  assign ap_request = descriptor_i.valid && !descriptor_i.decided && descriptor_i.ap_request;
  assign no_nonce   = &zero_q;

  // T+13: what the descriptor comes to, but for the flags. All but now is 0 while there is none.
  typedef struct packed {
    logic     valid;
    logic     oversize;
    address_t source;
    time_t    now;
  } frame_t;

  frame_t   frame_q;
  nonce_t   value_q;
  verdict_e verdict_q;           // reached without the flags, else 0
  logic     passes_q;            // that verdict does
  logic     limited_q;           // ... if it conforms to the rate
  logic     ap_request_q;        // one of these two: the flags decide
  logic     sa_recovered_q;

  always_ff @(posedge clk_i) begin
    frame_q <= '{
        valid: descriptor_i.valid,
        oversize: descriptor_i.valid && descriptor_i.oversize,
        source: descriptor_i.source,
        now: descriptor_i.now
    };
    value_q <= '0;
    if (ap_request) value_q <= descriptor_i.nonce;
    verdict_q <= VerdictBypass;
    if (descriptor_i.valid && descriptor_i.decided) verdict_q <= descriptor_i.verdict;
    else if (ap_request && no_nonce)                verdict_q <= VerdictClientInitiated;
    passes_q       <= descriptor_i.valid && descriptor_i.decided && descriptor_i.verdict == VerdictBypass ||
                      ap_request && no_nonce && client_initiated_i == ClientInitiatedPass;
    limited_q      <= ap_request && no_nonce && client_initiated_i == ClientInitiatedLimit;
    ap_request_q   <= ap_request && !no_nonce;
    sa_recovered_q <= descriptor_i.valid && !descriptor_i.decided && !descriptor_i.ap_request;
  end

  // T+12, T+13: a client has at most one live session, so flags are gathered by OR
  typedef struct packed {
    logic [Lanes-1:0] hits;
    change_t          ap_request;
    change_t          sa_recovered;
    logic [Lanes-1:0] ap_passes;
    logic [Lanes-1:0] ap_fails;
    logic [Lanes-1:0] sa_passes;
    logic [Lanes-1:0] sa_fails;
    logic             guesses;
    logic [3:0]       resends_left;
    logic [9:0]       next_false_nonces;
  } found_t;

  localparam int unsigned HalfCycles = LookupCycles / 2;

  flags_t [Lanes-1:0]      ways;
  found_t [HalfCycles-1:0] halves_q;  // by their age, less one
  found_t                  first_half, half, found;
  logic                    unused_found;

  reveille_half_flags u_half_flags (
    .clk_i,
    .first_i(1'b1),
    .flags_i,
    .flags_o(ways)
  );

  assign unused_found = ^found.hits;
  assign first_half   = halves_q[HalfCycles-1];

  always_comb begin
    half = '0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      half.hits[lane]      = ways[lane].hit;
      half.ap_passes[lane] = ways[lane].ap_passes;
      half.ap_fails[lane]  = ways[lane].ap_fails;
      half.sa_passes[lane] = ways[lane].sa_passes;
      half.sa_fails[lane]  = ways[lane].sa_fails;
      half.ap_request     |= ways[lane].ap_request;
      half.sa_recovered   |= ways[lane].sa_recovered;
      half.guesses        |= ways[lane].guesses;
      half.resends_left |= ways[lane].resends_left & {4{ways[lane].hit}};
      half.next_false_nonces |= ways[lane].next_false_nonces & {10{ways[lane].hit}};
    end
    found = first_half | half;
  end

  always_ff @(posedge clk_i) halves_q <= $bits(halves_q)'({halves_q, half});

  // T+13: the verdict, and the lane whose session it changes
  logic [Lanes-1:0] changes, counts;
  verdict_e         code;

  assign changes = found.ap_passes & {Lanes{ap_request_q}} | found.sa_passes & {Lanes{sa_recovered_q}};
  assign counts  = found.ap_fails & {Lanes{ap_request_q}} | found.sa_fails & {Lanes{sa_recovered_q}};

  always_comb begin
    code = verdict_q;
    if (ap_request_q)   code = verdict_e'(VerdictNotWoken ^ found.ap_request);
    if (sa_recovered_q) code = verdict_e'(VerdictNotWoken ^ found.sa_recovered);
  end

  // V5
  logic conforms, take_q;

  reveille_rate_limiter u_rate_limiter (
    .clk_i,
    .rst_ni,
    .now_i,
    .tolerance_i,
    .conforms_o (conforms),
    .interval_i,
    .take_i     (take_q),
    .lost_i     (frame_lost_i)
  );

  // T+14: V2, V7
  frame_t     verdict_frame_q;
  nonce_t     verdict_value_q;
  verdict_e   code_q;
  logic       pass_q, guessing_q;
  logic [Lanes-1:0] changes_q, counts_q;
  logic       first_q;  // in the first half; of one that hits none, of no meaning
  logic [3:0] resends_left_q;
  logic [9:0] next_false_nonces_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      verdict_frame_q <= '0;
      verdict_value_q <= '0;
      code_q          <= VerdictBypass;
      guessing_q      <= 1'b0;
      pass_q          <= 1'b0;
      take_q          <= 1'b0;
      changes_q       <= '0;
      counts_q        <= '0;
    end else begin
      verdict_frame_q <= frame_q;
      verdict_value_q <= value_q;
      code_q          <= code;
      guessing_q      <= |counts && found.guesses;
      pass_q          <= passes_q || |changes || limited_q && conforms;
      take_q          <= limited_q && conforms;
      changes_q       <= changes;
      counts_q        <= counts;
    end
  end

  always_ff @(posedge clk_i) begin
    yields_o            <= passes_q || limited_q;
    resends_left_q      <= found.resends_left;
    next_false_nonces_q <= found.next_false_nonces;
    first_q             <= first_half.hits != '0;
  end

  assign verdict_o = '{
      valid: verdict_frame_q.valid,
      code: code_q,
      pass: pass_q,
      oversize: verdict_frame_q.oversize,
      guessing: guessing_q,
      value: verdict_value_q,
      source: verdict_frame_q.source,
      now: verdict_frame_q.now
  };

  // Of a frame that changes its session's phase, which: the three verdicts differ in their lowest bits.
  logic accepts, resends;

  assign accepts = code_q[0];
  assign resends = code_q[1];

  // V3. Of the frames that change a state none is oversize, those that pass do not yield, and a false nonce never
  // passes: so whether they are lost is known from a register.
  assign state_write_o = '{
      phase: changes_q & {Lanes{!refused_i}},
      false_nonces: counts_q,
      half: !first_q,
      state: '{
          phase: accepts ? PhaseInService : resends ? PhaseReplied : PhaseRecovered,
          resends_left: resends_left_q - 4'(resends),
          false_nonces: next_false_nonces_q[8:0] | {9{next_false_nonces_q[9]}}  // saturating
      }
  };

  `REVEILLE_ASSERT(LookedUpIfUndecided, !descriptor_i.valid || descriptor_i.decided || descriptor_i.looked_up)
  `REVEILLE_ASSERT(OversizeIsDecided, !descriptor_i.valid || !descriptor_i.oversize || descriptor_i.decided)
  `REVEILLE_ASSERT(StateChangedUnlessLost, !verdict_o.valid ||
                   {state_write_o.phase, state_write_o.false_nonces} ==
                       ({changes_q, counts_q} & {2*Lanes{!frame_lost_i}}))
  `REVEILLE_ASSERT(WhichByItsBits, changes_q == '0 || accepts == (code_q == VerdictAccepted) &&
                   resends == (code_q == VerdictResend))
  `REVEILLE_ASSERT(NonceBeforeItsDescriptor, ap_request -> $past(nonce_i) == descriptor_i.nonce)
  `REVEILLE_ASSERT(OneLiveSession, !(ap_request_q || sa_recovered_q) || $onehot0({first_half.hits, half.hits}))
  `REVEILLE_ASSERT(SourceOfADescriptor, descriptor_i.valid || descriptor_i.source == '0)

endmodule
