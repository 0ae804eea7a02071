// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AES-128 encryption (FIPS-197), an octet at a time, round keys on the fly, one S-box.
//
// Use: load the 16 octets of the key, then those of the data, each in any order; start_i with or after the last one.
// Octet j of the result is there in the cycle start_i + 267 + j, whatever key and data. The key is lost and has to be
// loaded for every block. clear_i gives up a running encryption. While wipe_i, not when busy, both memories are written
// 0 at wipe_index_i; nothing else outlasts an encryption by more than a few cycles.
//
// A round takes 28 cycles, counted by slot: the S-box is asked for the four octets of the key schedule (slots 0-3) and
// for the 16 of the state (4-19); it answers four slots later. Each group of four is then worked off an octet a slot:
// key schedule (8-23), MixColumns and AddRoundKey (12-27). Every one of these begins at a multiple of four, so the low
// two bits of the slot are always the row.
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

  localparam logic [4:0] LastSlot = 5'd27;
  localparam logic [3:0] LastRound = 4'd10;

  function automatic logic [7:0] double(logic [7:0] octet);
    return {octet[6:0], 1'b0} ^ (octet[7] ? 8'h1b : 8'h00);
  endfunction

  // Sequencing. What is loaded waits a cycle for its address; so does the start.
  logic       load_key_q, load_data_q, start_q, busy_q;
  logic [7:0] load_octet_q;
  logic [4:0] slot_q, slot_d;
  logic [3:0] round_q;
  logic [7:0] round_constant_q;
  logic [1:0] group, row;
  logic       key_step, state_step, last_slot, last_round;

  assign {group, row} = slot_q[3:0];
  assign key_step     = busy_q && slot_q >= 5'd8 && slot_q < 5'd24;
  assign state_step   = busy_q && slot_q >= 5'd12;
  assign last_slot    = slot_q == LastSlot;
  assign last_round   = round_q == LastRound;
  assign slot_d       = (!busy_q || last_slot) ? 5'd0 : slot_q + 5'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_key_q       <= 1'b0;
      load_data_q      <= 1'b0;
      start_q          <= 1'b0;
      busy_q           <= 1'b0;
      slot_q           <= '0;
      round_q          <= '0;
      round_constant_q <= '0;
    end else begin
      load_key_q  <= load_key_i;
      load_data_q <= load_data_i;
      start_q     <= start_i && !clear_i;
      slot_q      <= slot_d;
      if (clear_i) begin
        busy_q  <= 1'b0;
        round_q <= '0;
      end else if (start_q) begin
        busy_q           <= 1'b1;
        round_q          <= 4'd1;
        round_constant_q <= 8'h01;
      end else if (busy_q && last_slot) begin
        busy_q           <= !last_round;
        round_q          <= last_round ? 4'd0 : round_q + 4'd1;
        round_constant_q <= double(round_constant_q);
      end
    end
  end

  // Key.
  logic [3:0] key_index_q;
  logic [7:0] key_octet, key_next;

  always_ff @(posedge clk_i) begin
    load_octet_q <= load_octet_i;
    if (!busy_q && !start_q) key_index_q <= load_index_i;
    else if (slot_d[4:2] == 3'd0) key_index_q <= {2'd3, slot_d[1:0] + 2'd1};  // RotWord
    else key_index_q <= slot_d[3:0] ^ 4'd8;
  end

  reveille_lutram #(
    .Width(8),
    .Depth(16)
  ) u_key (
    .clk_i,
    .we_i   (load_key_q || key_step || wipe_i),
    .waddr_i(wipe_i ? wipe_index_i[3:0] : key_index_q),
    .wdata_i(wipe_i ? 8'h00 : busy_q ? key_next : load_octet_q),
    .raddr_i(key_index_q),
    .rdata_o(key_octet)
  );

  // State, in two halves: a round reads one and writes the other, a cycle late; loading writes half 0.
  logic [1:0] read_column;
  logic       state_write_q, block_valid_q, write_half_q;
  logic [3:0] write_index_q;
  logic [7:0] state_octet, state_next, write_octet_q;

  assign read_column = group - 2'd1 + row;  // ShiftRows

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_write_q <= 1'b0;
      block_valid_q <= 1'b0;
    end else begin
      state_write_q <= load_data_q || state_step;
      block_valid_q <= state_step && last_round && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    write_half_q  <= round_q[0];
    write_index_q <= busy_q ? {group + 2'd1, row} : key_index_q;
    write_octet_q <= busy_q ? state_next : load_octet_q ^ key_octet;
  end

  reveille_lutram #(
    .Width(8),
    .Depth(32)
  ) u_state (
    .clk_i,
    .we_i   (state_write_q || wipe_i),
    .waddr_i(wipe_i ? wipe_index_i : {write_half_q, write_index_q}),
    .wdata_i(wipe_i ? 8'h00 : write_octet_q),
    .raddr_i({!round_q[0], read_column, row}),
    .rdata_o(state_octet)
  );

  assign block_valid_o = block_valid_q;
  assign block_index_o = write_index_q;
  assign block_o       = write_octet_q;

  // SubBytes, and the four substitutes of a group, the one whose turn it is first.
  logic [7:0]      substitute_in_q, substitute_out;
  logic [2:0][7:0] gathered_q;
  logic [3:0][7:0] column_q;

  always_ff @(posedge clk_i) begin
    substitute_in_q <= (slot_q[4:2] == 3'd0) ? key_octet : state_octet;
    gathered_q      <= {substitute_out, gathered_q[2:1]};
    column_q        <= (row == 2'd3) ? {substitute_out, gathered_q} : {column_q[0], column_q[3:1]};
  end

  reveille_aes_sbox u_sbox (
    .clk_i,
    .octet_i(substitute_in_q),
    .octet_o(substitute_out)
  );

  // Key schedule: w[i] = w[i-4] ^ w[i-1], for the first word of a round the substituted w[i-1] and the round constant.
  // The state follows four slots behind, so the octet of four slots ago is its round key as well.
  logic [3:0][7:0] schedule_q;
  logic [7:0]      round_key, key_addend;

  assign round_key = schedule_q[3];

  always_comb begin
    key_addend = round_key;
    if (group == 2'd2) key_addend = column_q[0] ^ ((row == 2'd0) ? round_constant_q : 8'h00);
  end

  assign key_next = key_octet ^ key_addend;

  always_ff @(posedge clk_i) begin
    if (busy_q) schedule_q <= {schedule_q[2:0], key_next};
    else schedule_q <= '0;
  end

  // MixColumns and AddRoundKey.
  logic [7:0] mixed;

  assign mixed      = double(column_q[0] ^ column_q[1]) ^ column_q[1] ^ column_q[2] ^ column_q[3];
  assign state_next = (last_round ? column_q[0] : mixed) ^ round_key;

  `REVEILLE_ASSERT(LoadedWhileIdle, !((busy_q || start_q) && (load_key_i || load_data_i || start_i || wipe_i)))
  `REVEILLE_ASSERT(KeyOrData, !(load_key_i && load_data_i))
  `REVEILLE_ASSERT(WithinTheRounds, slot_q <= LastSlot && round_q <= LastRound)

endmodule
