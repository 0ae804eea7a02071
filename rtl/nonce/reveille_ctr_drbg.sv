// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// CTR_DRBG with AES-128 and derivation function (SP 800-90A rev. 1, 10.2.1), an octet at a time.
//
// A command is held until done_o, which is 1 in its last cycle. It takes a whole number of steps: encryptions of 368
// cycles each, and where it says so a wipe of 36 (timing: nonce generator, rules G5, G8, G10). Who gives one up has to
// go on with clear_i and zeroise.
// * zeroise_i (368 cycles): all memories become 0, and zeros leave, of every index.
// * seed_i (2n + 6 encryptions, n blocks of derivation function input, and a wipe): the octets that came with
//   seed_valid_i since the last Seed are entropy_input and nonce. The first Seed is Instantiate, the others are Reseed:
//   only Key and V differ, first 0.
// * block_i (1 encryption): the next 128 random bits leave octet by octet.
// * update_i (2, and a wipe): CTR_DRBG_Update without additional input. A Generate is one or more Blocks and an Update.
//
// The steps, on four lines of 16 octets: Key, the spare line that takes the next Key, V, and Temporary.
//
//   step          key        data                   result, and where it goes
//   ChainKey      00 01 ...  input ^ Temporary      Temporary; for each block of the input
//   ChainInput    00 01 ...  input ^ spare          spare; likewise
//   ExpandFirst   Temporary  spare                  spare: seed material, first half
//   ExpandSecond  Temporary  spare                  Temporary: second half
//   UpdateKey     Key        V, incremented first   spare, with the first half added in a Seed
//   UpdateV       Key        V, incremented first   V, with the second half added in a Seed; Key and spare change roles
//   Block         Key        V, incremented first   leaves
//
// Not here: reseed counter, prediction resistance, personalization string, additional input.
`include "reveille_assert.svh"

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

  // A bit of each step; while no command runs the next one is chain_key
  typedef struct packed {
    logic chain_key;      // BCC (10.3.3) of the input, numbered 0
    logic chain_input;    // BCC of the input, numbered 1
    logic expand_first;   // the end of Block_Cipher_df (10.3.2)
    logic expand_second;
    logic update_key;     // CTR_DRBG_Update (10.2.1.2)
    logic update_v;
    logic wipe;
    logic block;
    logic zeroise;
  } step_t;

  typedef enum logic [1:0] {LineKey0, LineKey1, LineV, LineTemporary} line_e;

  // A cycle number begins at -2, in which the step is chosen; in -1 it is planned.
  typedef logic [8:0] cycle_t;
  localparam cycle_t FirstCycle       = 9'd510;
  localparam cycle_t LastCycle        = 9'd365;  // of an encryption, and of Zeroise
  localparam cycle_t LastCycleOfWipe  = 9'd33;
  localparam cycle_t StartCycle       = 9'd36;   // with the last octet of the data
  localparam logic [2:0] IvBlock      = 3'd7;
  localparam logic [5:0] SeedBegin    = 6'd8;    // the derivation function's input begins with two lengths

  // What a step does, as the table above has it; known from cycle 0 on
  // ------------------------------------------------------
  typedef struct packed {
    logic  encrypts;
    logic  chain;         // the key is 00 01 ..., the data are an input block, added to data_line
    logic  second_chain;
    logic  from_seed;     // the input block is of the seed, not the IV
    line_e key_line;
    logic  data_used;     // data_line
    line_e data_line;
    logic  counts;        // the data are V, which is incremented
    logic  adds;          // result_line to the result
    line_e result_line;
    logic  keeps;         // the result, in target; else it leaves
    line_e target;
  } plan_t;

  plan_t plan, plan_q;

  // Which step
  // ---------------------------------------------------------------------------------------------------------
  step_t step_q, step, step_after;  // where a Seed or Update goes on, the one chosen, and the one behind that
  step_t current_q;                 // the one under way
  cycle_t cycle_q;
  logic ends_soon_q, ends_q, done_q;  // the step's last cycle but one, its last, the command's
  logic [2:0] block_q;     // of the derivation function's input, from 0 on; IvBlock: the IV before it
  logic key_line_q;
  logic [5:0] seed_end_q;  // where the next octet of the seed goes
  logic running, last_block_q;
  line_e key_line, spare_line;

  assign running    = zeroise_i || seed_i || block_i || update_i;
  assign key_line   = key_line_q ? LineKey1 : LineKey0;
  assign spare_line = key_line_q ? LineKey0 : LineKey1;
  assign done_o     = done_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cycle_q <= FirstCycle;
    else if (clear_i || ends_q) cycle_q <= FirstCycle;
    else if (running) cycle_q <= cycle_q + 1'b1;
  end

  always_comb begin
    step = step_q;
    if (zeroise_i) step = '{zeroise: 1'b1, default: 1'b0};
    else if (block_i) step = '{block: 1'b1, default: 1'b0};
    else if (update_i && step_q.chain_key) step = '{update_key: 1'b1, default: 1'b0};
  end

  assign step_after = '{
      chain_key: current_q.chain_key && !last_block_q || current_q.wipe || current_q.block || current_q.zeroise,
      chain_input: (current_q.chain_key && last_block_q) || (current_q.chain_input && !last_block_q),
      expand_first: current_q.chain_input && last_block_q,
      expand_second: current_q.expand_first,
      update_key: current_q.expand_second,
      update_v: current_q.update_key,
      wipe: current_q.update_v,
      block: 1'b0,
      zeroise: 1'b0
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q      <= '{chain_key: 1'b1, default: 1'b0};
      ends_soon_q <= 1'b0;
      ends_q      <= 1'b0;
      done_q      <= 1'b0;
      block_q     <= IvBlock;
      key_line_q  <= 1'b0;
      seed_end_q  <= SeedBegin;
    end else if (clear_i) begin
      step_q      <= '{chain_key: 1'b1, default: 1'b0};
      ends_soon_q <= 1'b0;
      ends_q      <= 1'b0;
      done_q      <= 1'b0;
      block_q     <= IvBlock;
      key_line_q  <= 1'b0;
      seed_end_q  <= SeedBegin;
    end else begin
      ends_soon_q <= cycle_q == (step_q.wipe ? LastCycleOfWipe : LastCycle) - cycle_t'(2);
      ends_q      <= ends_soon_q;
      done_q      <= ends_soon_q && (zeroise_i || block_i || step_q.wipe);
      if (ends_q) begin
        step_q <= step_after;
        if (plan_q.chain) block_q <= last_block_q ? IvBlock : block_q + 1'b1;
        if (step_q.update_v) key_line_q <= !key_line_q;
      end
      if (seed_valid_i) seed_end_q <= seed_end_q + 1'b1;
      else if (step_q.wipe) seed_end_q <= SeedBegin;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) current_q <= '0;
    else current_q <= step;
  end

  always_ff @(posedge clk_i) last_block_q <= block_q == {1'b0, seed_end_q[5:4]};

  logic chains, updates, reads_v;

  assign chains  = current_q.chain_key || current_q.chain_input;
  assign updates = current_q.update_key || current_q.update_v;
  assign reads_v = updates || current_q.block;

  always_comb begin
    plan.encrypts     = running && !current_q.wipe && !current_q.zeroise;
    plan.chain        = chains;
    plan.second_chain = current_q.chain_input;
    plan.from_seed    = chains && block_q != IvBlock;
    plan.key_line     = current_q.expand_first || current_q.expand_second ? LineTemporary : key_line;
    plan.data_used    = !chains || block_q != IvBlock;
    plan.data_line    = current_q.chain_key ? LineTemporary : reads_v ? LineV : spare_line;
    plan.counts       = reads_v;
    plan.adds         = updates && seed_i;
    plan.result_line  = current_q.update_v ? LineTemporary : spare_line;
    plan.keeps        = !current_q.block;
    plan.target       = spare_line;
    if (current_q.chain_key || current_q.expand_second) plan.target = LineTemporary;
    if (current_q.update_v) plan.target = LineV;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) plan_q <= '0;
    else if (clear_i) plan_q <= '0;
    else plan_q <= plan;
  end

  // An encryption: key pass (cycles 0-15) and data pass (16-31), both from octet 15 down because V counts in the
  // latter; the AES; its result, octet by octet as it comes. Each octet that goes into the AES, or back into a line, is
  // the sum of up to three: one of a line, one of the seed, and a constant or the AES's. Stages: 1 whose turn it is,
  // 2 the constant, 3 the addresses, 4 what is added, 5 the sum.
  // ---------------------------------------------------------------------------------------------
  logic [3:1] key_pass_q, data_pass_q;
  logic [2:1] seed_read_q;
  logic       result_valid, key_pass_q4, data_pass_q4, result_q3, result_q4, seed_erased_q4;
  logic       line_used_q3, seed_used_q3;
  logic       first_block_q, at_length_q1, at_output_q1, at_end_q1;
  logic [5:0] seed_length_q;
  logic [3:0] result_index, index_q1, index_q2, index_q3, index_q4, index_q5;
  logic [7:0] result_octet, constant, constant_q2, addend_q3, addend_q4, line_octet, line_octet_q4;
  logic [7:0] seed_octet, seed_octet_q4;
  line_e      line_q3;

  // The input of Block_Cipher_df is L || N || seed || 80 || 0.., L and N the numbers of octets in and out; its key is
  // the octets 0 to 15, its IV the number of the chain in octet 3. Where the seed is not, its memory is 0.
  always_comb begin
    constant = 8'h00;
    if (seed_read_q[1]) begin
      if (at_length_q1) constant = {2'b00, seed_length_q};
      if (at_output_q1) constant = 8'd32;
      if (at_end_q1) constant = 8'h80;
    end else if (plan_q.chain && key_pass_q[1]) begin
      constant = {4'h0, index_q1};
    end else if (plan_q.chain && index_q1 == 4'd3) begin
      constant = {7'h00, plan_q.second_chain};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      key_pass_q     <= '0;
      data_pass_q    <= '0;
      key_pass_q4    <= 1'b0;
      data_pass_q4   <= 1'b0;
      result_q3      <= 1'b0;
      result_q4      <= 1'b0;
      seed_erased_q4 <= 1'b0;
    end else if (clear_i) begin
      key_pass_q     <= '0;
      data_pass_q    <= '0;
      key_pass_q4    <= 1'b0;
      data_pass_q4   <= 1'b0;
      result_q3      <= 1'b0;
      result_q4      <= 1'b0;
      seed_erased_q4 <= 1'b0;
    end else begin
      key_pass_q     <= {key_pass_q[2:1], plan_q.encrypts && cycle_q[8:4] == 5'd0};
      data_pass_q    <= {data_pass_q[2:1], plan_q.encrypts && cycle_q[8:4] == 5'd1};
      key_pass_q4    <= key_pass_q[3];
      data_pass_q4   <= data_pass_q[3];
      result_q3      <= result_valid;
      result_q4      <= result_q3;
      seed_erased_q4 <= seed_used_q3 && plan_q.second_chain;  // it is read for the last time
    end
  end

  always_ff @(posedge clk_i) begin
    index_q1      <= ~cycle_q[3:0];
    first_block_q <= block_q == 3'd0;
    seed_length_q <= seed_end_q - SeedBegin;
    at_length_q1  <= first_block_q && ~cycle_q[3:0] == 4'd3;
    at_output_q1  <= first_block_q && ~cycle_q[3:0] == 4'd7;
    at_end_q1     <= last_block_q && ~cycle_q[3:0] == seed_end_q[3:0];
    seed_read_q  <= {seed_read_q[1], plan_q.from_seed && plan_q.encrypts && cycle_q[8:4] == 5'd1};
    index_q2     <= index_q1;
    constant_q2  <= constant;

    index_q3     <= result_valid ? result_index : index_q2;
    line_q3      <= key_pass_q[2] ? plan_q.key_line : data_pass_q[2] ? plan_q.data_line : plan_q.result_line;
    addend_q3    <= result_valid ? result_octet : constant_q2;
    line_used_q3 <= (key_pass_q[2] && !plan_q.chain) || (data_pass_q[2] && plan_q.data_used) ||
                    (result_valid && plan_q.adds);
    seed_used_q3 <= seed_read_q[2];

    index_q4      <= index_q3;
    addend_q4     <= addend_q3;
    line_octet_q4 <= line_used_q3 ? line_octet : 8'h00;
    seed_octet_q4 <= seed_used_q3 ? seed_octet : 8'h00;
  end

  // The seed; what is written takes a cycle more.
  logic       seed_write_q;
  logic [5:0] seed_address_q;
  logic [7:0] seed_data_q;

  always_ff @(posedge clk_i) begin
    seed_write_q   <= seed_valid_i || seed_erased_q4 || zeroise_i;
    seed_address_q <= zeroise_i ? cycle_q[5:0] : seed_i ? {block_q[1:0], index_q4} : seed_end_q;
    seed_data_q    <= {8{!(zeroise_i || seed_i)}} & seed_octet_i;
  end

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_seed (
    .clk_i,
    .we_i   (seed_write_q),
    .waddr_i(seed_address_q),
    .wdata_i(seed_data_q),
    .raddr_i({block_q[1:0], index_q3}),
    .rdata_o(seed_octet)
  );

  // Into the AES
  // ---------------------------------------------------------------------------------------------------------------
  logic       load_key_q5, load_data_q5, start_q, block_valid_q5, carry_q, carry, erase;
  logic [7:0] operand_q5, load_octet;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_key_q5    <= 1'b0;
      load_data_q5   <= 1'b0;
      start_q        <= 1'b0;
      block_valid_q5 <= 1'b0;
    end else begin
      load_key_q5    <= key_pass_q4 && !clear_i;
      load_data_q5   <= data_pass_q4 && !clear_i;
      start_q        <= plan_q.encrypts && cycle_q == StartCycle - 1'b1 && !clear_i;
      block_valid_q5 <= ((result_q4 && !plan_q.keeps) || zeroise_i) && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    index_q5   <= index_q4;
    operand_q5 <= line_octet_q4 ^ seed_octet_q4 ^ addend_q4;
    carry_q    <= load_data_q5 ? carry : plan_q.counts;
  end

  assign {carry, load_octet} = operand_q5 + 9'(load_data_q5 && carry_q);

  reveille_aes128_encrypt u_aes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wipe_i       (erase),
    .wipe_index_i (cycle_q[4:0]),
    .load_key_i   (load_key_q5),
    .load_data_i  (load_data_q5),
    .load_index_i (index_q5),
    .load_octet_i (load_octet),
    .start_i      (start_q),
    .block_valid_o(result_valid),
    .block_index_o(result_index),
    .block_o      (result_octet)
  );

  assign block_valid_o = block_valid_q5;
  assign block_index_o = index_q5;
  assign block_octet_o = operand_q5;

  // Into the lines: V + 1, the result, or zeros: all over, or over Temporary and the key before this one. What is
  // written takes a cycle more.
  // ----------------------------------------------------------------------------------------------
  line_e      target_q5, erase_line;
  logic       keep_q5, line_write_q;
  logic [5:0] line_address_q;
  logic [7:0] line_data_q;

  assign erase = zeroise_i || step_q.wipe;

  always_comb begin
    erase_line = cycle_q[4] ? LineTemporary : spare_line;
    if (zeroise_i) erase_line = line_e'(cycle_q[5:4]);
  end

  always_ff @(posedge clk_i) begin
    keep_q5        <= (data_pass_q4 && plan_q.counts) || (result_q4 && plan_q.keeps);
    target_q5      <= data_pass_q4 ? LineV : plan_q.target;
    line_write_q   <= keep_q5 || erase;
    line_address_q <= erase ? {erase_line, cycle_q[3:0]} : {target_q5, index_q5};
    line_data_q    <= erase ? 8'h00 : load_octet;
  end

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_lines (
    .clk_i,
    .we_i   (line_write_q),
    .waddr_i(line_address_q),
    .wdata_i(line_data_q),
    .raddr_i({line_q3, index_q3}),
    .rdata_o(line_octet)
  );

  `REVEILLE_ASSERT(OneStep, $onehot(step_q) && $onehot0(current_q))
  `REVEILLE_ASSERT(OneCommand, $onehot0({zeroise_i, seed_i, block_i, update_i}))
  `REVEILLE_ASSERT(EncryptionInTime, !(ends_q && !erase && (result_valid || result_q3 || result_q4 || keep_q5)))
  `REVEILLE_ASSERT(SeedBetweenCommands, !(running && seed_valid_i))
  `REVEILLE_ASSERT(SeedNotTooLong, seed_end_q >= SeedBegin)
  `REVEILLE_ASSERT(SeedNotTooShort, !(seed_i && plan_q.chain) || seed_end_q >= SeedBegin + 6'd16)

endmodule
