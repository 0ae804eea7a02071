// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AES-128 encryption (FIPS-197), an octet at a time, round keys on the fly, one S-box.
//
// Use: load the 16 octets of the key, then those of the data, each in any order; start_i with or after the last one.
// Octet j of the result is there in the cycle start_i + 309 + j, whatever key and data. The key is lost and has to be
// loaded for every block. clear_i gives up a running encryption. While wipe_i, not when busy, both memories are written
// 0 at wipe_index_i, up to three cycles later; nothing else outlasts an encryption by more than a few cycles.
//
// A round takes 32 cycles, counted by slot: the S-box is asked for the four octets of the key schedule (slots 0-3) and
// for the 16 of the state (4-19); it answers eight slots later. Each group of four is then worked off an octet a slot:
// key schedule (12-27), MixColumns (16-31) and, two slots behind that, AddRoundKey. Every one of the first three begins
// at a multiple of four, so the low two bits of the slot are always the row.
`include "reveille_assert.svh"

module reveille_aes128_encrypt (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  logic       wipe_i,
  input  logic [4:0] wipe_index_i,

  input  logic       load_key_i,
  input  logic       load_data_i,
  input  logic [3:0] load_index_i,
  input  logic [7:0] load_octet_i,
  input  logic       start_i,

  output logic       block_valid_o,
  output logic [3:0] block_index_o,
  output logic [7:0] block_o
);

  localparam logic [4:0] LastSlot = 5'd31;
  localparam logic [3:0] LastRound = 4'd10;

  function automatic logic [7:0] double(logic [7:0] octet);
    return {octet[6:0], 1'b0} ^ (octet[7] ? 8'h1b : 8'h00);
  endfunction

  // Sequencing
  // ---------------------------------------------------------------------------------------------------------
  logic       start_q, busy_q;
  logic [4:0] slot_q;
  logic [3:0] round_q;
  logic [7:0] round_constant_q;
  logic [1:0] group, row;
  logic       last_slot_q, last_round;

  assign {group, row} = slot_q[3:0];
  assign last_round   = round_q == LastRound;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q          <= 1'b0;
      busy_q           <= 1'b0;
      last_slot_q      <= 1'b0;
      slot_q           <= '0;
      round_q          <= '0;
      round_constant_q <= '0;
    end else begin
      start_q     <= start_i && !clear_i;
      slot_q      <= busy_q ? slot_q + 5'd1 : 5'd0;
      last_slot_q <= slot_q == LastSlot - 5'd1;
      if (clear_i) begin
        busy_q  <= 1'b0;
        round_q <= '0;
      end else if (start_q) begin
        busy_q           <= 1'b1;
        round_q          <= 4'd1;
        round_constant_q <= 8'h01;
      end else if (busy_q && last_slot_q) begin
        busy_q           <= !last_round;
        round_q          <= last_round ? 4'd0 : round_q + 4'd1;
        round_constant_q <= double(round_constant_q);
      end
    end
  end

  // Addresses: of the key, to read (1) and to write (2); of the state, to read (1) and to write (3). What is loaded or
  // wiped goes the same way, beside its index.
  // ----------------------------------------------------------------------------------
  logic       load_key_q1, load_data_q1, load_data_q2, wipe_q1, wipe_q2;
  logic       key_step_q1, key_write_q2;    // key schedule
  logic       state_step_q1, state_step_q2, state_write_q3;
  logic       result_q1, result_q2, result_q3;
  logic       half_q1, half_q2;             // that the state's round writes
  logic [4:0] index_q1, index_q2, index_q3;
  logic [4:0] state_index_q1;
  logic [3:0] position_q1, position_q2;     // of the state's octet, behind its slot

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_key_q1    <= 1'b0;
      load_data_q1   <= 1'b0;
      load_data_q2   <= 1'b0;
      wipe_q1        <= 1'b0;
      wipe_q2        <= 1'b0;
      key_step_q1    <= 1'b0;
      key_write_q2   <= 1'b0;
      state_step_q1  <= 1'b0;
      state_step_q2  <= 1'b0;
      state_write_q3 <= 1'b0;
      result_q1      <= 1'b0;
      result_q2      <= 1'b0;
      result_q3      <= 1'b0;
    end else begin
      load_key_q1    <= load_key_i;
      load_data_q1   <= load_data_i;
      load_data_q2   <= load_data_q1;
      wipe_q1        <= wipe_i;
      wipe_q2        <= wipe_q1;
      key_step_q1    <= busy_q && slot_q >= 5'd12 && slot_q < 5'd28 && !clear_i;
      key_write_q2   <= key_step_q1 || load_key_q1 || wipe_q1;
      state_step_q1  <= busy_q && slot_q[4] && !clear_i;
      state_step_q2  <= state_step_q1 && !clear_i;
      state_write_q3 <= state_step_q2 || load_data_q2 || wipe_q2;
      result_q1      <= busy_q && slot_q[4] && last_round && !clear_i;
      result_q2      <= result_q1 && !clear_i;
      result_q3      <= result_q2 && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!busy_q) index_q1 <= wipe_i ? wipe_index_i : {1'b0, load_index_i};
    else if (slot_q[4:2] == 3'd0) index_q1 <= {3'd3, row + 2'd1};  // RotWord
    else index_q1 <= {1'b0, group + 2'd1, row};                    // slot 12 is octet 0
    index_q2       <= index_q1;
    state_index_q1 <= {!round_q[0], group - 2'd1 + row, row};      // ShiftRows
    half_q1        <= round_q[0];
    half_q2        <= half_q1;
    position_q1    <= slot_q[3:0];
    position_q2    <= position_q1;
    index_q3       <= state_step_q2 ? {half_q2, position_q2} : index_q2;
  end

  // The memories: the key, and the state in two halves: a round reads one and writes the other; loading writes half 0
  // -------
  logic [7:0] key_octet, key_next, state_octet, state_octet_q3;

  reveille_lutram #(
    .Width(8),
    .Depth(16)
  ) u_key (
    .clk_i,
    .we_i   (key_write_q2),
    .waddr_i(index_q2[3:0]),
    .wdata_i(key_next),
    .raddr_i(index_q1[3:0]),
    .rdata_o(key_octet)
  );

  reveille_lutram #(
    .Width(8),
    .Depth(32)
  ) u_state (
    .clk_i,
    .we_i   (state_write_q3),
    .waddr_i(index_q3),
    .wdata_i(state_octet_q3),
    .raddr_i(state_index_q1),
    .rdata_o(state_octet)
  );

  assign block_valid_o = result_q3;
  assign block_index_o = index_q3[3:0];
  assign block_o       = state_octet_q3;

  // SubBytes, and the four substitutes of a group, the one whose turn it is first
  // ---------------------------------------------
  logic            from_key_q1;
  logic [7:0]      substitute_in_q2, substitute_out;
  logic [2:0][7:0] gathered_q;
  logic [3:0][7:0] column_q;

  always_ff @(posedge clk_i) begin
    from_key_q1      <= slot_q[4:2] == 3'd0;
    substitute_in_q2 <= from_key_q1 ? key_octet : state_octet;
    gathered_q       <= {substitute_out, gathered_q[2:1]};
    if (!busy_q) column_q <= '0;
    else column_q <= (row == 2'd3) ? {substitute_out, gathered_q} : {column_q[0], column_q[3:1]};
  end

  reveille_aes_sbox u_sbox (
    .clk_i,
    .octet_i(substitute_in_q2),
    .octet_o(substitute_out)
  );

  // Key schedule: w[i] = w[i-4] ^ w[i-1], for the first word of a round the substituted w[i-1] and the round constant.
  // schedule_q holds the last four octets, w[i-1] first; while idle, what is loaded: to a key it is 0 that is added, to
  // data their octet of the key.
  // ---------------------------------------------------------------------------------------------------------------
  logic [3:0][7:0] schedule_q;
  logic [7:0]      key_octet_q2, load_octet_q1, substitute_q1, substitute_q2;
  logic            first_word_q1, first_word_q2;

  assign key_next = key_octet_q2 ^ (first_word_q2 ? substitute_q2 : schedule_q[3]);

  always_ff @(posedge clk_i) begin
    load_octet_q1 <= (load_key_i || load_data_i) ? load_octet_i : 8'h00;
    key_octet_q2  <= (load_key_q1 || wipe_q1) ? 8'h00 : key_octet;
    first_word_q1 <= busy_q && slot_q[4:2] == 3'd3;
    first_word_q2 <= first_word_q1;
    substitute_q1 <= column_q[0] ^ ((row == 2'd0) ? round_constant_q : 8'h00);
    substitute_q2 <= substitute_q1;
    schedule_q    <= {busy_q || state_step_q1 ? schedule_q[2] : load_octet_q1, schedule_q[1:0], key_next};
  end

  // MixColumns, and AddRoundKey: the round key is the octet of four cycles ago. Data are added their key as they are
  // loaded.
  // -----------------------------------------------------------------------------------------------------------------
  logic [7:0] doubled_q1, others_q1, mixed_q2;

  always_ff @(posedge clk_i) begin
    doubled_q1     <= last_round ? 8'h00 : double(column_q[0] ^ column_q[1]);
    others_q1      <= last_round ? column_q[0] : column_q[1] ^ column_q[2] ^ column_q[3];
    mixed_q2       <= doubled_q1 ^ others_q1;
    state_octet_q3 <= (state_step_q2 ? mixed_q2 : key_octet_q2) ^ schedule_q[3];
  end

  `REVEILLE_ASSERT(LoadedWhileIdle, !((busy_q || start_q) && (load_key_i || load_data_i || start_i || wipe_i)))
  `REVEILLE_ASSERT(KeyOrData, !(load_key_i && load_data_i))
  `REVEILLE_ASSERT(WithinTheRounds, round_q <= LastRound)

endmodule
