// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The two rows of a client in the nonce store: a Toeplitz hash (as in receive-side scaling) of its address under the key,
// 32 bits of address a cycle (docs/architecture.md, "Nonce store"). IPv4 hashes as 96 zero bits and its 32.
// The order of the words makes no difference, so the first is the one that both versions have in the same octets of the
// beat that brings it: an IPv4 address, or word 1 of an IPv6 address. It is taken from the beat, the others later.
// docs/timing.md I1: IPv6 sources come in T-4 and T-3, IPv4 sources in T-1, at the latest; rows are visible in T+2.
module reveille_client_hash
  import reveille_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [HashKeyWidth-1:0] key_i,
  input  logic                    first_next_i,  // the beat that comes brings the first word, of
  input  logic                    ipv6_i,        // this version
  input  logic [31:0]             first_i,       // the word,
  input  logic                    ipv4_valid_i,  // now, of IPv4,
  input  logic                    upper_valid_i, // ... or of IPv6: address_i has words 0 and 1 in the next cycle
  input  logic                    lower_valid_i, // address_i has words 2 and 3 in the next cycle
  input  address_t                address_i,
  output row_t                    next_row0_o,   // of the next cycle
  output row_t                    next_row1_o,
  output row_t                    row0_o,
  output row_t                    row1_o
);

  localparam int unsigned WordWidth = 32;
  localparam int unsigned HashWidth = 2 * RowWidth;
  localparam int unsigned Window    = WordWidth + HashWidth - 1;  // bits of key that one word meets

  typedef enum logic [1:0] {
    Word0,
    Word2,
    Word3,
    None
  } next_e;

  // What is hashed next
  next_e next_q;
  logic  lower_q;  // words 2 and 3 are there
  logic  takes;
  assign takes = next_q == Word0 || (next_q inside {Word2, Word3} && lower_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      next_q  <= None;
      lower_q <= 1'b0;
    end else begin
      if (upper_valid_i)     next_q <= Word0;
      else if (ipv4_valid_i) next_q <= None;
      else if (takes)  next_q <= next_e'(next_q + 2'd1);
      if (upper_valid_i)      lower_q <= 1'b0;
      else if (lower_valid_i) lower_q <= 1'b1;
    end
  end

  // A word and the bits of the key that it meets
  logic [1:0]           index;
  logic [WordWidth-1:0] word, word_q;
  logic [Window-1:0]    window, window_q;
  logic                 fresh_q;  // an address' first
  logic                 valid_q;
  logic                 unused_address, unused_key;
  assign unused_address = ^address_i[95:64];  // word 1
  assign unused_key     = ^key_i[HashKeyWidth-3*WordWidth-Window-1:0];

  always_comb begin
    unique case (next_q)
      Word0:   {index, word} = {2'd0, address_i[127:96]};
      Word2:   {index, word} = {2'd2, address_i[63:32]};
      default: {index, word} = {2'd3, address_i[31:0]};
    endcase
    if (first_next_i) {index, word} = {ipv6_i ? 2'd1 : 2'd3, first_i};
    unique case (index)
      2'd0: window = key_i[HashKeyWidth-1-:Window];
      2'd1: window = key_i[HashKeyWidth-1-WordWidth-:Window];
      2'd2: window = key_i[HashKeyWidth-1-2*WordWidth-:Window];
      2'd3: window = key_i[HashKeyWidth-1-3*WordWidth-:Window];
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= ipv4_valid_i || upper_valid_i || takes;
  end

  always_ff @(posedge clk_i) begin
    word_q   <= word;
    window_q <= window;
    fresh_q  <= ipv4_valid_i || upper_valid_i;
  end

  // Its share of the hash: for every bit of the word the key's bits from there on
  logic [HashWidth-1:0] product, product_q, hash_q, hash_d;
  logic                 product_valid_q, product_fresh_q;

  always_comb begin
    for (int unsigned j = 0; j < HashWidth; j++) begin
      logic [WordWidth-1:0] met;
      for (int unsigned i = 0; i < WordWidth; i++) met[i] = word_q[i] & window_q[i+j];
      product[j] = ^met;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) product_valid_q <= 1'b0;
    else         product_valid_q <= valid_q;
  end

  always_ff @(posedge clk_i) begin
    product_q       <= product;
    product_fresh_q <= fresh_q;
    hash_q          <= hash_d;
  end

  assign hash_d = product_valid_q ? (hash_q & {HashWidth{!product_fresh_q}}) ^ product_q : hash_q;

  assign {row0_o, row1_o}           = hash_q;
  assign {next_row0_o, next_row1_o} = hash_d;

endmodule
