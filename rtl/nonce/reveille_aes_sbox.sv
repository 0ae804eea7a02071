// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The AES S-box (FIPS-197, 5.1.1) as logic: octet_o in cycle c+6 is the substitute of the octet_i of cycle c.
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

  // z^4 = z + 1, written out: in this form it maps well.
  function automatic logic [3:0] multiply(logic [3:0] a, logic [3:0] b);
    logic b03, b23, b12;
    b03 = b[0] ^ b[3];
    b23 = b[2] ^ b[3];
    b12 = b[1] ^ b[2];
    multiply[0] = (a[0] & b[0]) ^ (a[1] & b[3]) ^ (a[2] & b[2]) ^ (a[3] & b[1]);
    multiply[1] = (a[0] & b[1]) ^ (a[1] & b03) ^ (a[2] & b23) ^ (a[3] & b12);
    multiply[2] = (a[0] & b[2]) ^ (a[1] & b[1]) ^ (a[2] & b03) ^ (a[3] & b23);
    multiply[3] = (a[0] & b[3]) ^ (a[1] & b[2]) ^ (a[2] & b[1]) ^ (a[3] & b03);
  endfunction

  // h, h + l and what there is besides, a stage each
  logic [3:0] high_q, low_q;
  logic [3:0] high_q2, sum_q2, low_q2, scaled_q2;  // 12 h^2
  logic [3:0] high_q3, sum_q3, norm_q3;            // the divisor
  logic [3:0] high_q4, sum_q4, inverse_q4;
  logic [3:0] high_q5, low_q5;                     // of the inverse in GF(2^8)

  always_ff @(posedge clk_i) begin
    {high_q, low_q} <= apply(IntoTower, octet_i);

    high_q2   <= high_q;
    sum_q2    <= high_q ^ low_q;
    low_q2    <= low_q;
    scaled_q2 <= multiply(4'd12, multiply(high_q, high_q));

    high_q3 <= high_q2;
    sum_q3  <= sum_q2;
    norm_q3 <= scaled_q2 ^ multiply(low_q2, sum_q2);

    high_q4    <= high_q3;
    sum_q4     <= sum_q3;
    inverse_q4 <= Inverse[{norm_q3, 2'b00} +: 4];

    high_q5 <= multiply(high_q4, inverse_q4);
    low_q5  <= multiply(sum_q4, inverse_q4);

    octet_o <= apply(OutOfTower, {high_q5, low_q5}) ^ 8'h63;
  end

endmodule
