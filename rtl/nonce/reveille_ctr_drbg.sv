// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// CTR_DRBG with AES-128 and derivation function (SP 800-90A rev. 1, 10.2.1), an octet at a time.
//
// A command is held until done_o, which is 1 in its last cycle. It takes a whole number of encryptions of EncryptCycles
// cycles each (timing: nonce generator, rules G5 and G8). Who gives one up has to go on with clear_i and zeroise.
// * zeroise_i (1 encryption): all memories become 0. The first command after reset.
// * seed_i (2n + 6, n blocks of derivation function input): the octets that came with seed_valid_i since the last Seed
//   are entropy_input and nonce. The first Seed is Instantiate, the others are Reseed: only Key and V differ, first 0.
// * block_i (1): the next 128 random bits leave octet by octet. Zeroise gives a block of zeros.
// * update_i (2): CTR_DRBG_Update without additional input. A Generate is one or more Blocks and an Update.
//
// Not here: reseed counter, prediction resistance, personalization string, additional input.
module reveille_ctr_drbg (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

  input  logic       seed_valid_i,  // only between commands; 16 to 55 octets a Seed
  input  logic [7:0] seed_octet_i,

  input  logic       zeroise_i,
  input  logic       seed_i,
  input  logic       block_i,
  input  logic       update_i,
  output logic       done_o,

  output logic       block_valid_o,
  output logic [3:0] block_index_o,
  output logic [7:0] block_octet_o
);

  localparam int unsigned EncryptCycles = 320;  // the last 2 are idle
  localparam logic [2:0] IvBlock = 3'd7;
  localparam logic [5:0] SeedBegin = 6'd8;  // the derivation function's input begins with two lengths

  // Four lines of 16 octets. Key and the line that takes the new Key change roles with each Update.
  typedef enum logic [1:0] {LineKey0, LineKey1, LineV, LineTemporary} line_e;

  typedef enum logic [1:0] {
    PhaseChain,   // BCC (10.3.3) of block number block_q, first into LineTemporary, then into the spare key line
    PhaseExpand,  // the end of Block_Cipher_df (10.3.2): seed material into the spare key line and LineTemporary
    PhaseUpdate   // CTR_DRBG_Update (10.2.1.2): Key into the spare key line, V
  } phase_e;

  // Sequencing.
  logic [8:0] cycle_q;  // of this encryption
  logic       ends_q;  // its last cycle
  phase_e     phase_q;  // of a Seed
  logic       half_q;  // all phases, and Update, have two halves
  logic [2:0] block_q;  // of the derivation function's input, from 0 on; IvBlock: the IV before it
  logic       key_line_q;
  logic [5:0] seed_end_q;  // where the next octet of the seed goes
  logic       running, chain, expand, update, counting, last_block, half_ends;
  line_e      key_line, spare_line;

  assign running    = zeroise_i || seed_i || block_i || update_i;
  assign chain      = seed_i && phase_q == PhaseChain;
  assign expand     = seed_i && phase_q == PhaseExpand;
  assign update     = update_i || (seed_i && phase_q == PhaseUpdate);
  assign counting   = update || block_i;  // encrypts V + 1
  assign key_line   = key_line_q ? LineKey1 : LineKey0;
  assign spare_line = key_line_q ? LineKey0 : LineKey1;
  assign last_block = block_q == {1'b0, seed_end_q[5:4]};
  assign half_ends  = ends_q && ((chain && last_block) || expand || update);
  assign done_o     = ends_q && (zeroise_i || block_i || (update && half_q));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycle_q    <= '0;
      ends_q     <= 1'b0;
      phase_q    <= PhaseChain;
      half_q     <= 1'b0;
      block_q    <= IvBlock;
      key_line_q <= 1'b0;
      seed_end_q <= SeedBegin;
    end else if (clear_i) begin
      cycle_q    <= '0;
      ends_q     <= 1'b0;
      phase_q    <= PhaseChain;
      half_q     <= 1'b0;
      block_q    <= IvBlock;
      key_line_q <= 1'b0;
      seed_end_q <= SeedBegin;
    end else begin
      ends_q  <= running && cycle_q == 9'(EncryptCycles - 2);
      cycle_q <= (ends_q || !running) ? 9'd0 : cycle_q + 9'd1;
      if (ends_q && chain) block_q <= last_block ? IvBlock : block_q + 3'd1;
      if (half_ends) begin
        half_q <= !half_q;
        if (half_q && seed_i) phase_q <= chain ? PhaseExpand : expand ? PhaseUpdate : PhaseChain;
        if (half_q && update) key_line_q <= !key_line_q;
      end
      if (seed_valid_i) seed_end_q <= seed_end_q + 6'd1;
      else if (half_ends && expand) seed_end_q <= SeedBegin;
    end
  end

  // An encryption: key pass (cycles 0-15) and data pass (16-31), both from octet 15 down because V counts in the
  // latter; the AES; its result, octet by octet as it comes. Each octet that goes into the AES, or back into a line, is
  // the sum of up to three: one of a line, one of the seed, and a constant or the AES's. Here: which of them.
  logic       key_pass, data_pass, seed_read;
  logic [3:0] pass_index;
  logic       key_pass_q, data_pass_q, result_valid_q, line_used_q, seed_used_q, seed_erased_q;
  logic [3:0] index_q;
  logic [7:0] addend, addend_q;
  line_e      line, line_q;
  logic       result_valid;
  logic [3:0] result_index;
  logic [7:0] result_octet;

  assign key_pass   = running && cycle_q[8:4] == 5'd0;
  assign data_pass  = cycle_q[8:4] == 5'd1;
  assign pass_index = ~cycle_q[3:0];
  assign seed_read  = chain && data_pass && block_q != IvBlock;

  always_comb begin
    line = half_q ? LineTemporary : spare_line;  // the seed material, for a result
    if (key_pass) line = expand ? LineTemporary : key_line;
    else if (data_pass) line = counting ? LineV : (chain && !half_q) ? LineTemporary : spare_line;
  end

  // The input of Block_Cipher_df is L || N || seed || 80 || 0.., L and N the numbers of octets in and out; its key is
  // the octets 0 to 15, its IV the number of the chain in octet 3. Where the seed is not, its memory is 0.
  always_comb begin
    addend = 8'h00;
    if (result_valid) begin
      addend = zeroise_i ? 8'h00 : result_octet;
    end else if (chain && key_pass) begin
      addend = {4'h0, pass_index};
    end else if (seed_read) begin
      if (block_q == 3'd0 && pass_index == 4'd3) addend = {2'b00, seed_end_q - SeedBegin};
      if (block_q == 3'd0 && pass_index == 4'd7) addend = 8'd32;
      if (last_block && pass_index == seed_end_q[3:0]) addend = 8'h80;
    end else if (chain && pass_index == 4'd3) begin
      addend = {7'h00, half_q};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      key_pass_q     <= 1'b0;
      data_pass_q    <= 1'b0;
      result_valid_q <= 1'b0;
      seed_erased_q  <= 1'b0;
    end else begin
      key_pass_q     <= key_pass && !clear_i;
      data_pass_q    <= data_pass && !clear_i;
      result_valid_q <= result_valid && !clear_i;
      seed_erased_q  <= seed_read && half_q && !clear_i;  // it is read for the last time
    end
  end

  always_ff @(posedge clk_i) begin
    index_q     <= result_valid ? result_index : pass_index;
    line_q      <= line;
    addend_q    <= addend;
    line_used_q <= (key_pass && expand) || (data_pass && seed_read) || (expand && data_pass) ||
                   (counting && (key_pass || data_pass)) || (result_valid && seed_i && update);
    seed_used_q <= seed_read;
  end

  logic [7:0] seed_octet;

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_seed (
    .clk_i,
    .we_i   (seed_valid_i || seed_erased_q || zeroise_i),
    .waddr_i(zeroise_i ? cycle_q[5:0] : seed_i ? {block_q[1:0], index_q} : seed_end_q),
    .wdata_i((zeroise_i || seed_i) ? 8'h00 : seed_octet_i),
    .raddr_i({block_q[1:0], index_q}),
    .rdata_o(seed_octet)
  );

  // Into the AES.
  logic       load_key_q, load_data_q, block_valid_q, carry_q, carry;
  logic [3:0] load_index_q;
  logic [7:0] line_octet, operand_q, load_octet;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_key_q    <= 1'b0;
      load_data_q   <= 1'b0;
      block_valid_q <= 1'b0;
    end else begin
      load_key_q    <= key_pass_q && !clear_i;
      load_data_q   <= data_pass_q && !clear_i;
      block_valid_q <= result_valid_q && (block_i || zeroise_i) && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    load_index_q <= index_q;
    operand_q    <= (line_used_q ? line_octet : 8'h00) ^ (seed_used_q ? seed_octet : 8'h00) ^ addend_q;
    carry_q      <= load_data_q ? carry : counting;
  end

  assign {carry, load_octet} = operand_q + 9'(load_data_q && carry_q);

  reveille_aes128_encrypt u_aes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .load_key_i   (load_key_q),
    .load_data_i  (load_data_q),
    .load_index_i (load_index_q),
    .load_octet_i (load_octet),
    .start_i      (cycle_q == 9'd33),  // with the last octet
    .block_valid_o(result_valid),
    .block_index_o(result_index),
    .block_o      (result_octet)
  );

  assign block_valid_o = block_valid_q;
  assign block_index_o = load_index_q;
  assign block_octet_o = operand_q;

  // Into the lines: V + 1, the result, to which seed material was added where it belongs, or zeros all over.
  line_e write_line_q;
  logic  line_write_q;

  always_ff @(posedge clk_i) begin
    line_write_q <= zeroise_i || (data_pass_q && counting) || (result_valid_q && !block_i);
    write_line_q <= spare_line;
    if ((chain && !half_q) || (expand && half_q)) write_line_q <= LineTemporary;
    if (data_pass_q || (update && half_q)) write_line_q <= LineV;
    if (zeroise_i) write_line_q <= line_e'(cycle_q[5:4]);
  end

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_lines (
    .clk_i,
    .we_i   (line_write_q),
    .waddr_i({write_line_q, load_index_q}),
    .wdata_i(load_octet),
    .raddr_i({line_q, index_q}),
    .rdata_o(line_octet)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
    end else begin
      assert ($onehot0({zeroise_i, seed_i, block_i, update_i})) else $error("two commands at once");
      assert (!(ends_q && !zeroise_i && (result_valid || result_valid_q || line_write_q)))
      else $error("G8: an encryption outlasts EncryptCycles");
      assert (!(running && seed_valid_i)) else $error("a seed octet during a command");
      assert (seed_end_q >= SeedBegin) else $error("more than 55 seed octets");
      assert (!chain || seed_end_q >= SeedBegin + 6'd16) else $error("Seed with fewer than 16 octets");
    end
  end

endmodule
