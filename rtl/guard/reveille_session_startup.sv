// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What happens once after reset: every entry of the store is emptied, then the hash tables are filled, a word from each
// nonce (docs/architecture.md, "Hash"). docs/timing/guard.md: S1, S2; R is the first cycle out of reset.
module reveille_session_startup
  import reveille_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  // S1
  output logic           cleared_o,        // until then an entry of each memory is emptied in a cycle, in order

  // S2
  output logic           fills_next_o,     // a nonce is taken in the next cycle, if one is valid
  input  logic           nonce_taken_i,    // in this cycle
  input  nonce_t         nonce_i,
  output hash_write_t    hash_write_o,
  output logic           ready_next_o,
  output logic           ready_o
);

  localparam int unsigned CountWidth  = StoreAddressWidth > HashIndexWidth ? StoreAddressWidth : HashIndexWidth;
  localparam int unsigned CommonWidth = StoreAddressWidth > HashIndexWidth ? HashIndexWidth : StoreAddressWidth;

  // A bit of each state: what comes behind them is no more than a LUT away.
  logic                      clears_q, fills_q, filled_q;
  logic [CountWidth-1:0]     count_q;  // addresses cleared, then nonces taken
  logic                      last_q;   // count_q is the last one
  logic                      fills_d, unused_nonce;
  // A word, in the cycle behind its nonce
  logic                      writes_q;
  logic [HashIndexWidth-1:0] index_q;
  logic [HashWidth-1:0]      word_q;

  // The bits that only one of the two counts has are set, or it is the other's.
  logic                      upper_set;

  if (StoreAddressWidth < HashIndexWidth) begin : gen_more_nonces
    assign upper_set = clears_q || count_q[HashIndexWidth-1:StoreAddressWidth] == '1;
  end else if (StoreAddressWidth > HashIndexWidth) begin : gen_more_addresses
    assign upper_set = !clears_q || count_q[StoreAddressWidth-1:HashIndexWidth] == '1;
  end else begin : gen_as_many
    assign upper_set = 1'b1;
  end

  assign unused_nonce = ^nonce_i[$bits(nonce_t)-1:HashWidth];
  assign fills_d      = clears_q && last_q || fills_q && !(last_q && nonce_taken_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clears_q  <= 1'b1;
      fills_q   <= 1'b0;
      filled_q  <= 1'b0;
      ready_o   <= 1'b0;
      writes_q  <= 1'b0;
      count_q   <= '0;
      last_q    <= 1'b0;
    end else begin
      clears_q  <= clears_q && !last_q;
      fills_q   <= fills_d;
      filled_q  <= fills_q && last_q && nonce_taken_i;
      ready_o   <= ready_o || filled_q;
      writes_q  <= fills_q && nonce_taken_i;
      if (clears_q && last_q)             count_q <= '0;
      else if (clears_q || nonce_taken_i) count_q <= count_q + 1'b1;
      // Of the count that comes: all bits are set, of those that matter.
      last_q    <= count_q[CommonWidth-1:1] == '1 && count_q[0] != (clears_q || nonce_taken_i) && upper_set;
    end
  end

  always_ff @(posedge clk_i) begin
    index_q <= count_q[HashIndexWidth-1:0];
    word_q  <= nonce_i[HashWidth-1:0];
  end

  assign cleared_o       = !clears_q;
  assign fills_next_o    = fills_d;
  assign ready_next_o    = filled_q;
  assign hash_write_o    = '{valid: writes_q, index: index_q, data: word_q};

endmodule
