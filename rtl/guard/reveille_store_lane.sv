// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// One lane of the nonce store: its entries, their states, and the comparators of whatever is read.
// docs/timing/guard.md: N1 (data), N2 (partial comparisons), N3 (flags); s is the read cycle.
//
// Comparands are given in s+2, beside the data. No decision: flags say what is; the reader, what follows.
module reveille_store_lane
  import reveille_pkg::*;
  import reveille_verdict_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic           clk_i,

  input  logic           identity_write_i,
  input  logic           aux_write_i,
  input  store_address_t entry_address_i,
  input  entry_t         entry_i,
  input  logic           phase_write_i,         // and resends_left
  input  logic           false_nonces_write_i,
  input  store_address_t state_address_i,
  input  session_state_t state_i,

  input  store_address_t read_address_i,  // s
  input  store_address_t aux_read_address_i,  // s: the same, from a register of its own
  input  address_t       client_i,        // s+2
  input  time_t          now_i,           // s+2
  input  tag_t           value_i,         // s+2
  input  logic           guess_i,         // s+2: some number of false nonces is one too many:
  input  logic [8:0]     guess_before_i,  // s+2: one less than it
  input  logic           known_i,         // s+2: the store was cleared in s
  output entry_t         entry_o,         // s+2
  output session_state_t state_o,         // s+2
  output flags_t         flags_o          // s+4
);

  localparam int unsigned Depth = 1 << StoreAddressWidth;
  localparam int unsigned AuxWidth = $bits(entry_i.aux);
  localparam int unsigned IdentityWidth = $bits(entry_t) - AuxWidth;
  localparam int unsigned ClientParts = 4;
  localparam int unsigned ClientPart = $bits(address_t) / ClientParts;
  localparam int unsigned TagParts = 2;
  localparam int unsigned TagPart = $bits(tag_t) / TagParts;
  localparam int unsigned TimeLower = 28;
  localparam int unsigned TimeUpper = $bits(time_t) - TimeLower;
  localparam int unsigned StateHalf = $bits(state_i.false_nonces);
  localparam int unsigned PhaseWidth = $bits(state_i.phase) + $bits(state_i.resends_left);

  // N1. What is compared together lies together.
  reveille_ram #(
    .Width(IdentityWidth),
    .Depth(Depth)
  ) u_identity (
    .clk_i,
    .we_i   (identity_write_i),
    .waddr_i(entry_address_i),
    .wdata_i({entry_i.client, entry_i.nonce, entry_i.held, entry_i.deadline}),
    .raddr_i(read_address_i),
    .rdata_o({entry_o.client, entry_o.nonce, entry_o.held, entry_o.deadline})
  );

  reveille_ram #(
    .Width(AuxWidth),
    .Depth(Depth)
  ) u_aux (
    .clk_i,
    .we_i   (aux_write_i),
    .waddr_i(entry_address_i),
    .wdata_i(entry_i.aux),
    .raddr_i(aux_read_address_i),
    .rdata_o(entry_o.aux)
  );

  // Each half has its write enable: a frame's count and a command's phase never undo each other. They are parts of a
  // word in as many words as a block RAM has of that width, else words of their own.
  localparam int unsigned MostParted = 1024;

  logic [1:0]                      state_write;
  logic [1:0][StateHalf-1:0]       state_written, state_read;
  logic [StateHalf-PhaseWidth-1:0] unused_spare;

  assign state_write   = {false_nonces_write_i, phase_write_i};
  assign state_written = {state_i.false_nonces, StateHalf'({state_i.phase, state_i.resends_left})};
  assign {state_o.false_nonces, unused_spare, state_o.phase, state_o.resends_left} = state_read;

  if (Depth <= MostParted) begin : gen_parts
    reveille_ram #(
      .Width(2 * StateHalf),
      .Depth(Depth),
      .Parts(2)
    ) u_state (
      .clk_i,
      .we_i   (state_write),
      .waddr_i(state_address_i),
      .wdata_i(state_written),
      .raddr_i(read_address_i),
      .rdata_o(state_read)
    );
  end else begin : gen_halves
    for (genvar half = 0; half < 2; half++) begin : gen_half
      reveille_ram #(
        .Width(StateHalf),
        .Depth(Depth)
      ) u_state (
        .clk_i,
        .we_i   (state_write[half]),
        .waddr_i(state_address_i),
        .wdata_i(state_written[half]),
        .raddr_i(read_address_i),
        .rdata_o(state_read[half])
      );
    end
  end

  // N2. A memory is far from what it is compared with: one hop of wire is all that a comparison has time for.
  logic [ClientParts-1:0] client_equal, client_equal_q;
  logic [TagParts-1:0]    tag_equal, tag_equal_q;
  logic       nonce_equal, nonce_equal_q;
  logic       guesses, guesses_q, unused_lead;
  logic       held_q, outstanding_q, in_service_q, replied_q, resends_q;
  // The deadline is held and later than now: its upper part is, or is the same, and the lower part later.
  logic [TimeUpper+1:0] upper_lead;  // of now over a deadline that is held; the top bit is its sign
  logic [TimeLower:0]   lower_lead;
  logic                 upper_equal, upper_equal_q, upper_later_q, lower_later_q;
  logic [3:0] resends_left_q;
  logic [8:0] false_nonces_q;

  // A store that was not cleared holds nobody.
  reveille_equal #(
    .Width(ClientPart + 1)
  ) u_known_equal (
    .a_i    ({1'b1, entry_o.client[0+:ClientPart]}),
    .b_i    ({known_i, client_i[0+:ClientPart]}),
    .equal_o(client_equal[0])
  );

  for (genvar i = 1; i < int'(ClientParts); i++) begin : gen_client_equal
    reveille_equal #(
      .Width(ClientPart)
    ) u_equal (
      .a_i    (entry_o.client[i*ClientPart+:ClientPart]),
      .b_i    (client_i[i*ClientPart+:ClientPart]),
      .equal_o(client_equal[i])
    );
  end

  reveille_equal #(
    .Width($bits(nonce_t))
  ) u_nonce_equal (
    .a_i    (entry_o.nonce),
    .b_i    (value_i[$bits(nonce_t)-1:0]),
    .equal_o(nonce_equal)
  );

  for (genvar i = 0; i < int'(TagParts); i++) begin : gen_tag_equal
    reveille_equal #(
      .Width(TagPart)
    ) u_equal (
      .a_i    (entry_o.aux[i*TagPart+:TagPart]),
      .b_i    (value_i[i*TagPart+:TagPart]),
      .equal_o(tag_equal[i])
    );
  end

  reveille_equal #(
    .Width($bits(guess_before_i) + 1)
  ) u_guesses (
    .a_i    ({1'b1, state_o.false_nonces}),
    .b_i    ({guess_i, guess_before_i}),
    .equal_o(guesses)
  );

  reveille_equal #(
    .Width(TimeUpper + 1)
  ) u_upper_equal (
    .a_i    ({entry_o.held, entry_o.deadline[TimeLower+:TimeUpper]}),
    .b_i    ({1'b1, now_i[TimeLower+:TimeUpper]}),
    .equal_o(upper_equal)
  );

  assign upper_lead  = {2'b01, now_i[TimeLower+:TimeUpper]} -
                       {1'b0, entry_o.held, entry_o.deadline[TimeLower+:TimeUpper]};
  assign lower_lead  = {1'b0, now_i[TimeLower-1:0]} - {1'b0, entry_o.deadline[TimeLower-1:0]};
  assign unused_lead = ^{upper_lead[TimeUpper:0], lower_lead[TimeLower-1:0]};

  always_ff @(posedge clk_i) begin
    client_equal_q <= client_equal;
    nonce_equal_q  <= nonce_equal;
    tag_equal_q    <= tag_equal;
    held_q         <= entry_o.held;
    upper_equal_q  <= upper_equal;
    upper_later_q  <= upper_lead[TimeUpper+1];
    lower_later_q  <= lower_lead[TimeLower];
    outstanding_q  <= state_o.phase == PhaseOutstanding;
    in_service_q   <= state_o.phase == PhaseInService;
    replied_q      <= state_o.phase == PhaseReplied;
    resends_q      <= state_o.phase == PhaseReplied && state_o.resends_left != '0;
    guesses_q      <= guesses;
    resends_left_q <= state_o.resends_left;
    false_nonces_q <= state_o.false_nonces;
  end

  // N3, N4
  logic     same, live;
  verdict_e ap_request, sa_recovered;  // of a hit

  assign same = &client_equal_q;
  assign live = upper_later_q || upper_equal_q && lower_later_q;

  always_comb begin
    ap_request = VerdictFalseNonce;
    if (nonce_equal_q) ap_request = outstanding_q ? VerdictAccepted : resends_q ? VerdictResend : VerdictRepeat;
    sa_recovered = VerdictUnexpected;
    if (replied_q) sa_recovered = &tag_equal_q ? VerdictSaRecovered : VerdictFalseNonce;
  end

  // Reset by the client, and gated by the deadline, a flag waits for two LUTs; for a hit it would wait for three.
  always_ff @(posedge clk_i) begin
    flags_o.held              <= held_q;
    flags_o.live              <= live;
    flags_o.resends_left      <= resends_left_q;
    flags_o.next_false_nonces <= 10'(false_nonces_q) + 1'b1;
    if (!same) begin
      flags_o.match        <= 1'b0;
      flags_o.hit          <= 1'b0;
      flags_o.ap_request   <= '0;
      flags_o.sa_recovered <= '0;
      flags_o.ap_passes    <= 1'b0;
      flags_o.ap_fails     <= 1'b0;
      flags_o.sa_passes    <= 1'b0;
      flags_o.sa_fails     <= 1'b0;
      flags_o.in_service   <= 1'b0;
      flags_o.guesses      <= 1'b0;
    end else begin
      flags_o.match        <= held_q;
      flags_o.hit          <= live;
      flags_o.ap_request   <= change_to(ap_request) & {$bits(change_t){live}};
      flags_o.sa_recovered <= change_to(sa_recovered) & {$bits(change_t){live}};
      flags_o.ap_passes    <= live && nonce_equal_q && (outstanding_q || resends_q);
      flags_o.ap_fails     <= live && !nonce_equal_q;
      flags_o.sa_passes    <= live && replied_q && &tag_equal_q;
      flags_o.sa_fails     <= live && replied_q && !(&tag_equal_q);
      flags_o.in_service   <= live && in_service_q;
      flags_o.guesses      <= live && guesses_q;
    end
  end

endmodule
