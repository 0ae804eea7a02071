// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What happens once after reset: every entry of the store is emptied, then the hash tables are filled from nonces, read
// as one string of bits (docs/architecture.md, "Hash"). docs/timing/guard.md: S1, S2; R is the first cycle out of
// reset.
module reveille_session_startup
  import reveille_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  // S1
  output logic           cleared_o,
  output store_address_t clear_address_o,  // emptied in this cycle, until cleared

  // S2
  input  logic           nonce_valid_i,
  output logic           nonce_ready_o,
  input  nonce_t         nonce_i,
  output hash_write_t    hash_write_o,
  output logic           ready_o
);

  // With fewer bits than a word at hand there is room for a nonce. All counts are even: bits are counted in pairs.
  localparam int unsigned StringPairs = HashWidth / 2 - 1 + $bits(nonce_t) / 2;
  localparam int unsigned CountWidth  = $clog2(StringPairs + 1);

  typedef logic [2*StringPairs-1:0] string_t;
  typedef logic [CountWidth-1:0]    count_t;

  typedef enum logic [1:0] {
    StClear,
    StFill,
    StReady
  } state_e;

  state_e                    state_q, state_d;
  store_address_t            address_q;
  logic [HashIndexWidth-1:0] index_q;
  string_t                   string_q;  // from the top: the bits at hand, then 0
  count_t                    pairs_q;   // of bits at hand
  string_t                   top_nonce;
  logic                      has_word, writes, takes;

  assign top_nonce = {nonce_i, {$bits(string_t) - $bits(nonce_t){1'b0}}};

  assign has_word = pairs_q >= count_t'(HashWidth / 2);
  assign writes   = state_q == StFill && has_word;
  assign takes    = nonce_ready_o && nonce_valid_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StClear: if (address_q == '1) state_d = StFill;
      StFill:  if (writes && index_q == '1) state_d = StReady;
      default: ;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StClear;
      address_q <= '0;
      index_q   <= '0;
      pairs_q   <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == StClear) address_q <= address_q + 1'b1;
      if (writes) begin
        index_q <= index_q + 1'b1;
        pairs_q <= pairs_q - count_t'(HashWidth / 2);
      end else if (takes) begin
        pairs_q <= pairs_q + count_t'($bits(nonce_t) / 2);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StClear) string_q <= '0;
    else if (writes)        string_q <= string_q << HashWidth;
    else if (takes)         string_q <= string_q | top_nonce >> {pairs_q, 1'b0};
  end

  assign cleared_o       = state_q != StClear;
  assign clear_address_o = address_q;
  assign nonce_ready_o   = state_q == StFill && !has_word;
  assign hash_write_o    = '{valid: writes, index: index_q, data: string_q[$bits(string_t)-1-:HashWidth]};
  assign ready_o         = state_q == StReady;

endmodule
