// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The AES S-box (FIPS-197, 5.1.1) as logic: octet_o in cycle c+3 is the substitute of the octet_i of cycle c.
//
// The inverse in GF(2^8) is taken in the tower field GF(2^4)[Y] / (Y^2 + Y + 12), GF(2^4) = GF(2)[z] / (z^4 + z + 1):
// for a = hY + l it is (hY + h + l) / (12 h^2 + l (h + l)). The AES field's x is 0x34 there; of the 64 such maps it is
// the one whose two matrices have the fewest ones.
module reveille_aes_sbox (
  input  logic       clk_i,
  input  logic [7:0] octet_i,
  output logic [7:0] octet_o
);

  typedef logic [7:0][7:0] matrix_t;  // row i is the mask of the inputs that are added to give bit i

  localparam matrix_t IntoTower = 64'ha0_0c_72_ae_c4_4a_bc_91;
  localparam matrix_t OutOfTower = 64'h96_b0_4e_0d_53_87_21_33;  // the affine part of the S-box included
  localparam logic [63:0] Inverse = 64'h834a_5c2f_67bd_e910;  // of all elements of GF(2^4), 0 first

  function automatic logic [7:0] apply(matrix_t matrix, logic [7:0] octet);
    for (int i = 0; i < 8; i++) apply[i] = ^(matrix[i] & octet);
  endfunction

  function automatic logic [3:0] multiply(logic [3:0] a, logic [3:0] b);
    multiply = '0;
    for (int i = 3; i >= 0; i--) begin
      multiply = {multiply[2:0], 1'b0} ^ (multiply[3] ? 4'h3 : 4'h0) ^ (b[i] ? a : 4'h0);
    end
  endfunction

  logic [3:0] high_q, low_q;  // h, l
  logic [3:0] high_q2, sum_q2, norm_q2;  // h, h + l, the divisor
  logic [3:0] inverse;

  assign inverse = Inverse[{norm_q2, 2'b00} +: 4];

  always_ff @(posedge clk_i) begin
    {high_q, low_q} <= apply(IntoTower, octet_i);

    high_q2 <= high_q;
    sum_q2  <= high_q ^ low_q;
    norm_q2 <= multiply(4'd12, multiply(high_q, high_q)) ^ multiply(low_q, high_q ^ low_q);

    octet_o <= apply(OutOfTower, {multiply(high_q2, inverse), multiply(sum_q2, inverse)}) ^ 8'h63;
  end

endmodule
