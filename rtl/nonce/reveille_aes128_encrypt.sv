// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AES-128 encryption (FIPS-197), an octet at a time, round keys on the fly, one S-box.
//
// Use: load the 16 octets of the key, then those of the data, each in any order; start_i with or after the last one.
// Octet j of the result is there in the cycle start_i + 265 + j, whatever key and data. The key is lost and has to be
// loaded for every block. clear_i gives up a running encryption.
//
// A round takes 28 cycles, counted by slot: the S-box is asked for the four octets of the key schedule (slots 0-3) and
// for the 16 of the state (4-19); it answers four slots later. Each group of four is then worked off an octet a slot:
// key schedule (8-23), MixColumns and AddRoundKey (12-27). Every one of these begins at a multiple of four, so the low
// two bits of the slot are always the row.
module reveille_aes128_encrypt (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

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

  // Sequencing.
  logic       busy_q;
  logic [4:0] slot_q;
  logic [3:0] round_q;
  logic [7:0] round_constant_q;
  logic [1:0] row, group;
  logic       key_substitute_q;  // slots 0-3; a register, for speed
  logic       key_step, state_step, last_round;

  assign {group, row} = slot_q[3:0];
  assign key_step     = busy_q && slot_q >= 5'd8 && slot_q < 5'd24;
  assign state_step   = busy_q && slot_q >= 5'd12;
  assign last_round   = round_q == LastRound;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q           <= 1'b0;
      slot_q           <= '0;
      round_q          <= '0;
      round_constant_q <= '0;
      key_substitute_q <= 1'b1;
    end else if (clear_i || start_i) begin
      busy_q           <= !clear_i;
      slot_q           <= '0;
      round_q          <= clear_i ? 4'd0 : 4'd1;
      round_constant_q <= 8'h01;
      key_substitute_q <= 1'b1;
    end else if (busy_q) begin
      slot_q           <= slot_q + 5'd1;
      key_substitute_q <= slot_q < 5'd3;
      if (slot_q == LastSlot) begin
        slot_q           <= '0;
        key_substitute_q <= 1'b1;
        busy_q           <= !last_round;
        round_q          <= last_round ? 4'd0 : round_q + 4'd1;  // loading writes half 0
        round_constant_q <= double(round_constant_q);
      end
    end
  end

  // Key and state. The state has two halves: a round reads one and writes the other.
  logic [3:0] key_index, state_read_index, state_write_index;
  logic [7:0] key_octet, key_next, state_octet, state_next;
  logic [1:0] state_read_column;

  always_comb begin
    key_index = {group ^ 2'd2, row};
    if (!busy_q) key_index = load_index_i;
    else if (key_substitute_q) key_index = {2'd3, row + 2'd1};  // RotWord
  end

  assign state_read_column = group - 2'd1 + row;  // ShiftRows
  assign state_read_index  = {state_read_column, row};
  assign state_write_index = busy_q ? {group + 2'd1, row} : load_index_i;

  reveille_lutram #(
    .Width(8),
    .Depth(16)
  ) u_key (
    .clk_i,
    .we_i   (load_key_i || key_step),
    .waddr_i(key_index),
    .wdata_i(busy_q ? key_next : load_octet_i),
    .raddr_i(key_index),
    .rdata_o(key_octet)
  );

  reveille_lutram #(
    .Width(8),
    .Depth(32)
  ) u_state (
    .clk_i,
    .we_i   (load_data_i || state_step),
    .waddr_i({round_q[0], state_write_index}),
    .wdata_i(busy_q ? state_next : load_octet_i ^ key_octet),
    .raddr_i({!round_q[0], state_read_index}),
    .rdata_o(state_octet)
  );

  // SubBytes, and the four substitutes of a group, the one whose turn it is first.
  logic [7:0]      substitute_in_q, substitute_out;
  logic [2:0][7:0] gathered_q;
  logic [3:0][7:0] column_q;

  always_ff @(posedge clk_i) begin
    substitute_in_q <= key_substitute_q ? key_octet : state_octet;
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

  always_ff @(posedge clk_i) schedule_q <= {schedule_q[2:0], key_next};

  // MixColumns and AddRoundKey.
  logic [7:0] mixed;

  assign mixed      = double(column_q[0] ^ column_q[1]) ^ column_q[1] ^ column_q[2] ^ column_q[3];
  assign state_next = (last_round ? column_q[0] : mixed) ^ round_key;

  assign block_valid_o = state_step && last_round;
  assign block_index_o = state_write_index;
  assign block_o       = state_next;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
    end else begin
      assert (!(busy_q && (load_key_i || load_data_i || start_i))) else $error("loaded or started while busy");
      assert (!(load_key_i && load_data_i)) else $error("key and data loaded at once");
      assert (key_substitute_q == (slot_q < 5'd4)) else $error("key schedule out of step");
      assert (slot_q <= LastSlot && round_q <= LastRound) else $error("beyond the last round");
    end
  end

endmodule
