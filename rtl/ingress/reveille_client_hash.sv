// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The two rows of a client in the nonce store: a Toeplitz hash (as in receive-side scaling) of its address under the key,
// 32 bits of address a cycle (docs/architecture.md, "Nonce store"). IPv4 hashes as 96 zero bits and its 32.
// docs/timing.md I1: takes words from T-3 on for IPv6, in T for IPv4, at the latest; rows are visible in T+2.
module reveille_client_hash
  import reveille_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [HashKeyWidth-1:0] key_i,
  input  logic                    ipv4_i,     // in the next cycle address_i holds an IPv4 address,
  input  logic                    upper_i,    // ... the upper half of an IPv6 address,
  input  logic                    lower_i,    // ... and its lower half
  input  address_t                address_i,
  output row_t                    row0_o,
  output row_t                    row1_o
);

  localparam int unsigned WordWidth = 32;
  localparam int unsigned Words     = $bits(address_t) / WordWidth;
  localparam int unsigned HashWidth = 2 * RowWidth;
  localparam int unsigned Window    = WordWidth + HashWidth - 1;  // bits of key that one word meets

  logic [2:0]           word_q, limit_q;  // the next word; words before limit are there
  logic                 fresh_q;          // the next word is an address' first
  logic                 hashes;
  logic [WordWidth-1:0] word;
  logic [Window-1:0]    window;
  logic [HashWidth-1:0] product;

  assign hashes = word_q < limit_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      word_q  <= 3'(Words);
      limit_q <= 3'(Words);
      fresh_q <= 1'b0;
    end else begin
      if (hashes) begin
        word_q  <= word_q + 3'd1;
        fresh_q <= 1'b0;
      end
      if (ipv4_i) begin
        word_q  <= 3'(Words - 1);
        limit_q <= 3'(Words);
        fresh_q <= 1'b1;
      end else if (upper_i) begin
        word_q  <= '0;
        limit_q <= 3'(Words / 2);
        fresh_q <= 1'b1;
      end else if (lower_i) begin
        limit_q <= 3'(Words);
      end
    end
  end

  always_comb begin
    word   = address_i[$bits(address_t)-1-:WordWidth];
    window = key_i[HashKeyWidth-1-:Window];
    for (int unsigned i = 1; i < Words; i++) begin
      if (word_q[1:0] == 2'(i)) begin
        word   = address_i[$bits(address_t)-1-WordWidth*i-:WordWidth];
        window = key_i[HashKeyWidth-1-WordWidth*i-:Window];
      end
    end
    product = '0;
    for (int unsigned i = 0; i < WordWidth; i++) begin
      product ^= window[Window-1-i-:HashWidth] & {HashWidth{word[WordWidth-1-i]}};
    end
  end

  logic [HashWidth-1:0] product_q, hash_q;
  logic                 product_valid_q, product_fresh_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) product_valid_q <= 1'b0;
    else         product_valid_q <= hashes;
  end

  always_ff @(posedge clk_i) begin
    product_q       <= product;
    product_fresh_q <= fresh_q;
    if (product_valid_q) hash_q <= (product_fresh_q ? '0 : hash_q) ^ product_q;
  end

  assign {row0_o, row1_o} = hash_q;

endmodule
