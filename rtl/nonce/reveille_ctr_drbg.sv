// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// CTR_DRBG with AES-128 and derivation function (SP 800-90A rev. 1, 10.2.1), an octet at a time.
//
// A command is a pulse of start_*_i while the module rests; it takes a whole number of encryptions of EncryptCycles
// cycles (timing: nonce generator, rules G5, G8), starting with the next cycle; done_o is 1 in its last one.
// * After reset and clear_i (1 encryption): zeroise. Key, V, seed and AES memories are 0.
// * Seed (2n + 6, n blocks of derivation function input): the octets of seed_i since the last Seed are entropy_input
//   and nonce. The first Seed is Instantiate, the others are Reseed: they differ only in Key and V, 0 at first.
// * Block (1): the next 128 random bits, to be read at octet_index_i until the next command starts.
// * Update (2): CTR_DRBG_Update without additional input. A Generate is one or more Blocks and an Update.
//
// Not here: reseed counter, prediction resistance, personalization string, additional input.
module reveille_ctr_drbg (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

  input  logic       seed_valid_i,  // only at rest; 16 to 55 octets a Seed
  input  logic [7:0] seed_i,

  input  logic       start_seed_i,
  input  logic       start_block_i,
  input  logic       start_update_i,
  output logic       done_o,

  input  logic [3:0] octet_index_i,
  output logic [7:0] octet_o
);

  localparam int unsigned EncryptCycles = 320;  // the last 6 are idle

  // Four lines of 16 octets. Key and the line that takes the new key change roles with each Update.
  typedef enum logic [1:0] {LineKey0, LineKey1, LineV, LineBlock} line_e;

  typedef enum logic [2:0] {
    StepRest,
    StepZeroise,
    StepChain,   // BCC (10.3.3) of block number block_q, first into LineBlock, then into the spare key line
    StepExpand,  // the last two encryptions of Block_Cipher_df (10.3.2): seed material into spare key line, LineBlock
    StepUpdate,  // CTR_DRBG_Update (10.2.1.2): Key into the spare key line, V
    StepBlock
  } step_e;

  typedef struct packed {
    step_e      step;
    logic       half;       // all steps but Zeroise and Block come in two halves
    logic [2:0] block;      // 0: the IV; 1 to n: of the derivation function's input
    logic [8:0] cycle;      // of this encryption
    logic       seeding;    // Update follows Expand: there is seed material to add
    logic       key_line;   // 0: Key is in LineKey0
    logic [5:0] seed_end;   // where the next seed octet goes: the input begins with 8 octets of lengths
  } state_t;

  localparam state_t StateReset = '{step: StepZeroise, seed_end: 6'd8, default: '0};

  // Sequencing.
  state_t state_q, state_d;
  logic   encryption_ends, last_block;

  assign encryption_ends = state_q.cycle == 9'(EncryptCycles - 1);
  assign last_block = state_q.block == {1'b0, state_q.seed_end[5:4]} + 3'd1;
  assign done_o = encryption_ends && (state_q.step == StepZeroise || state_q.step == StepBlock ||
                                      (state_q.step == StepUpdate && state_q.half));

  always_comb begin
    state_d       = state_q;
    state_d.cycle = encryption_ends ? 9'd0 : state_q.cycle + 9'd1;
    if (state_q.step == StepRest) begin
      state_d.cycle = '0;
      if (seed_valid_i) state_d.seed_end = state_q.seed_end + 6'd1;
      if (start_seed_i) state_d.step = StepChain;
      if (start_block_i) state_d.step = StepBlock;
      if (start_update_i) state_d.step = StepUpdate;
    end else if (encryption_ends) begin
      case (state_q.step)
        StepChain: begin
          state_d.block = last_block ? 3'd0 : state_q.block + 3'd1;
          state_d.half  = state_q.half ^ last_block;
          if (last_block && state_q.half) state_d.step = StepExpand;
        end
        StepExpand: begin
          state_d.half    = !state_q.half;
          state_d.seeding = 1'b1;
          if (state_q.half) begin
            state_d.step     = StepUpdate;
            state_d.seed_end = 6'd8;
          end
        end
        StepUpdate: begin
          state_d.half = !state_q.half;
          if (state_q.half) begin
            state_d.step     = StepRest;
            state_d.seeding  = 1'b0;
            state_d.key_line = !state_q.key_line;
          end
        end
        default: state_d.step = StepRest;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StateReset;
    else if (clear_i) state_q <= StateReset;
    else state_q <= state_d;
  end

  // An encryption: key pass (cycles 0-15), data pass (16-31), both from octet 15 down because V counts in the data pass;
  // the AES; the result, octet by octet as it comes.
  logic       key_pass, data_pass, zeroise, chain, counting;
  logic [3:0] index;
  line_e      key_line, spare_line;

  assign key_pass   = state_q.cycle[8:4] == 5'd0;
  assign data_pass  = state_q.cycle[8:4] == 5'd1;
  assign index      = ~state_q.cycle[3:0];
  assign zeroise    = state_q.step == StepZeroise;
  assign chain      = state_q.step == StepChain;
  assign counting   = state_q.step == StepUpdate || state_q.step == StepBlock;
  assign key_line   = state_q.key_line ? LineKey1 : LineKey0;
  assign spare_line = state_q.key_line ? LineKey0 : LineKey1;

  // Seed: the input string of Block_Cipher_df, L || N || seed || 80 || 0.., where L and N are the octets in and out.
  logic [1:0] seed_block;
  logic [7:0] seed_stored, seed_octet;
  logic       seed_read, seed_erase;

  assign seed_block = state_q.block[1:0] - 2'd1;
  assign seed_read  = chain && data_pass && state_q.block != 3'd0;
  assign seed_erase = zeroise || (seed_read && state_q.half);  // read for the last time

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_seed (
    .clk_i,
    .we_i   (seed_valid_i || seed_erase),
    .waddr_i(zeroise ? state_q.cycle[5:0] : seed_read ? {seed_block, index} : state_q.seed_end),
    .wdata_i(seed_erase ? 8'h00 : seed_i),
    .raddr_i({seed_block, index}),
    .rdata_o(seed_stored)
  );

  always_comb begin
    seed_octet = seed_stored;
    if (seed_block == 2'd0 && !index[3]) begin
      seed_octet = 8'h00;
      if (index[2:0] == 3'd3) seed_octet = {2'b00, state_q.seed_end - 6'd8};
      if (index[2:0] == 3'd7) seed_octet = 8'd32;
    end else if ({seed_block, index} >= state_q.seed_end) begin
      seed_octet = ({seed_block, index} == state_q.seed_end) ? 8'h80 : 8'h00;
    end
  end

  // Lines.
  line_e      line_read;
  logic       line_write;
  logic [3:0] line_index;
  logic [5:0] line_write_address;
  logic [7:0] line_octet, line_next;

  always_comb begin
    line_read  = LineBlock;
    line_index = octet_index_i;
    if (state_q.step != StepRest) begin
      line_index = (key_pass || data_pass) ? index : result_index;
      unique case (1'b1)
        key_pass:  line_read = (state_q.step == StepExpand) ? LineBlock : key_line;
        data_pass: line_read = counting ? LineV : (chain && !state_q.half) ? LineBlock : spare_line;
        default:   line_read = state_q.half ? LineBlock : spare_line;  // the seed material
      endcase
    end
  end

  assign octet_o = line_octet;

  reveille_lutram #(
    .Width(8),
    .Depth(64)
  ) u_lines (
    .clk_i,
    .we_i   (line_write),
    .waddr_i(line_write_address),
    .wdata_i(line_next),
    .raddr_i({line_read, line_index}),
    .rdata_o(line_octet)
  );

  // Into the AES, one cycle behind the passes. The derivation function's key is the octets 0 to 15, its IV the number of
  // the chain in octet 3.
  logic       load_key_q, load_data_q, carry_q, carry;
  logic [3:0] load_index_q;
  logic [7:0] operand_q, operand_addend, load_octet;

  always_comb begin
    operand_addend = 8'h00;
    if (chain && key_pass) operand_addend = {4'h0, index};
    else if (seed_read) operand_addend = seed_octet;
    else if (chain && index == 4'd3) operand_addend = {7'h00, state_q.half};
  end

  always_ff @(posedge clk_i) begin
    load_index_q <= index;
    operand_q    <= ((zeroise || (chain && !seed_read)) ? 8'h00 : line_octet) ^ operand_addend;
    carry_q      <= load_data_q ? carry : counting;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_key_q  <= 1'b0;
      load_data_q <= 1'b0;
    end else begin
      load_key_q  <= key_pass && state_q.step != StepRest;
      load_data_q <= data_pass;
    end
  end

  assign {carry, load_octet} = operand_q + 9'(load_data_q && carry_q);

  logic       result_valid;
  logic [3:0] result_index;
  logic [7:0] result_octet;

  reveille_aes128_encrypt u_aes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .load_key_i   (load_key_q),
    .load_data_i  (load_data_q),
    .load_index_i (load_index_q),
    .load_octet_i (load_octet),
    .start_i      (state_q.cycle == 9'd32),
    .block_valid_o(result_valid),
    .block_index_o(result_index),
    .block_o      (result_octet)
  );

  // What is written to the lines: zeros, V + 1, or the result, with seed material added where it belongs.
  line_e result_line;

  always_comb begin
    case (state_q.step)
      StepChain:  result_line = state_q.half ? spare_line : LineBlock;
      StepExpand: result_line = state_q.half ? LineBlock : spare_line;
      StepUpdate: result_line = state_q.half ? LineV : spare_line;
      default:    result_line = LineBlock;
    endcase

    line_write         = result_valid;
    line_write_address = {result_line, result_index};
    line_next          = result_octet ^ ((state_q.seeding && counting) ? line_octet : 8'h00);
    if (zeroise) begin
      line_write         = 1'b1;
      line_write_address = state_q.cycle[5:0];
      line_next          = 8'h00;
    end else if (load_data_q) begin
      line_write         = counting;
      line_write_address = {LineV, load_index_q};
      line_next          = load_octet;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
    end else begin
      assert (!(result_valid && encryption_ends)) else $error("G8: an encryption takes longer than EncryptCycles");
      assert (state_q.step == StepRest || !(seed_valid_i || start_seed_i || start_block_i || start_update_i))
      else $error("command or seed while busy");
      assert ($onehot0({start_seed_i, start_block_i, start_update_i})) else $error("two commands at once");
      assert (state_q.seed_end >= 6'd8) else $error("more than 55 seed octets");
      assert (!start_seed_i || state_d.seed_end >= 6'd24) else $error("Seed with fewer than 16 octets");
    end
  end

endmodule
