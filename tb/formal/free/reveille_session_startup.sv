// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Stands for reveille_session_startup where a proof is to hold however long the start-up takes: the store is cleared at
// some time, nonces are taken at any, and some time later it is over.
module reveille_session_startup
  import reveille_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        cleared_o,
  output logic        fills_next_o,
  input  logic        nonce_taken_i,
  input  nonce_t      nonce_i,
  output hash_write_t hash_write_o,
  output logic        ready_next_o,
  output logic        ready_o
);

  logic clears, ends, fills;  // driven by nobody: anything

  assign ready_next_o = cleared_o && ends && !ready_o;
  assign fills_next_o = cleared_o && fills && !ready_o;
  assign hash_write_o = '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cleared_o <= 1'b0;
      ready_o   <= 1'b0;
    end else begin
      cleared_o <= cleared_o || clears;
      ready_o   <= ready_o || ready_next_o;
    end
  end

endmodule
