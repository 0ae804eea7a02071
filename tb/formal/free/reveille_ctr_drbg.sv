// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Stands for reveille_ctr_drbg where a proof is to hold whatever its random bits are and however long its commands
// take. Of what that module says of itself this is kept: a Block's sixteen octets leave in their order and before its
// end, none leaves behind it until the next Block, Seed or Zeroise, and a Zeroise takes a multiple of sixteen cycles.
module reveille_ctr_drbg (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  logic       seed_valid_i,
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

  logic [4:0] left_q;   // of a Block, octets that have left
  logic [3:0] cycle_q;  // of a Zeroise, modulo 16
  logic       over_q;   // a Block has ended, and nothing has begun that may change it

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q  <= '0;
      cycle_q <= '0;
      over_q  <= 1'b0;
    end else begin
      cycle_q <= zeroise_i && !clear_i ? cycle_q + 1'b1 : '0;
      left_q  <= block_i && !clear_i && !done_o ? left_q + 5'(block_valid_o) : '0;
      over_q  <= !clear_i && ((block_i && done_o) || (over_q && !(block_i || seed_i || zeroise_i)));
    end
  end

  always_ff @(posedge clk_i) begin
    assume (!done_o || zeroise_i || seed_i || block_i || update_i);
    if (zeroise_i) assume (!done_o || cycle_q == 4'd15);
    if (block_i) begin
      assume (!block_valid_o || (left_q != 5'd16 && block_index_o == left_q[3:0]));
      assume (!done_o || left_q + 5'(block_valid_o) == 5'd16);
    end
    if (over_q && !block_i) assume (!block_valid_o);
  end

endmodule
