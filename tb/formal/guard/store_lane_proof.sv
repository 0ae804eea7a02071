// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_store_lane's judgement of one entry (N2, N3 of docs/timing/guard.md), whatever the memories hold and
// whatever it is compared with: no other nonce than the session's passes an AP Request, no other tag an SA Recovered,
// no other client's entry, none that is empty and none at its deadline.
module store_lane_proof
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input logic     clk_i,
  input address_t client_i,
  input time_t    now_i,
  input tag_t     value_i,
  input logic     known_i
);

  entry_t         entry, entry_q, entry_q2;
  session_state_t state, state_q, state_q2;
  flags_t         flags;
  address_t       client_q, client_q2;
  time_t          now_q, now_q2;
  tag_t           value_q, value_q2;
  logic           known_q, known_q2;
  logic [1:0]     age_q = '0;  // cycles so far, up to two

  reveille_store_lane u_block (
    .clk_i,
    .identity_write_i    ('0),
    .aux_write_i         ('0),
    .entry_address_i     ('0),
    .entry_i             ('0),
    .phase_write_i       ('0),
    .false_nonces_write_i('0),
    .state_address_i     ('0),
    .state_i             ('0),
    .read_address_i      ('0),  // the memories answer anything, tb/formal/free/reveille_ram.sv
    .aux_read_address_i  ('0),
    .client_i,
    .now_i,
    .value_i,
    .guess_i             ('0),
    .guess_before_i      ('0),
    .known_i,
    .entry_o             (entry),
    .state_o             (state),
    .flags_o             (flags)
  );

  always_ff @(posedge clk_i) begin
    {entry_q, state_q, known_q}    <= {entry, state, known_i};
    {client_q, now_q, value_q}     <= {client_i, now_i, value_i};
    {entry_q2, state_q2, known_q2} <= {entry_q, state_q, known_q};
    {client_q2, now_q2, value_q2}  <= {client_q, now_q, value_q};
    if (age_q != 2'd2) age_q <= age_q + 1'b1;
  end

  flags_rules u_rules (
    .clk_i,
    .enable_i(age_q == 2'd2),
    .flags_i (flags)
  );

  logic live, same_nonce, same_tag;

  assign live       = known_q2 && entry_q2.held && entry_q2.client == client_q2 && now_q2 < entry_q2.deadline;
  assign same_nonce = entry_q2.nonce == value_q2[31:0];
  assign same_tag   = entry_q2.aux == value_q2;

  always_ff @(posedge clk_i) begin
    if (age_q == 2'd2) begin
      another_nonce_never_passes: assert (same_nonce || !flags.ap_passes);
      another_tag_never_passes: assert (same_tag || !flags.sa_passes);
      only_the_living_pass: assert (live || !(flags.ap_passes || flags.sa_passes));
      another_nonce_is_false: assert (flags.ap_fails == (live && !same_nonce));
      right_nonce_passes_once: assert (flags.ap_passes == (live && same_nonce && (state_q2.phase == PhaseOutstanding ||
                                       (state_q2.phase == PhaseReplied && state_q2.resends_left != '0))));
      right_tag_recovers: assert (flags.sa_passes == (live && same_tag && state_q2.phase == PhaseReplied));
      passes: cover (flags.ap_passes && entry_q2.nonce[31:16] != entry_q2.nonce[15:0]);
      one_bit_differs: cover (flags.ap_fails && $onehot(entry_q2.nonce ^ value_q2[31:0]));
      recovers: cover (flags.sa_passes);
    end
  end

endmodule
