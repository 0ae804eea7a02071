// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// One reveille_equal of each width from 2 to 65, side by side: that of width i + 2 compares the lowest bits.
module equal_widths (
  input  logic [64:0] a_i,
  input  logic [64:0] b_i,
  output logic [63:0] equal_o
);

  for (genvar i = 0; i < 64; i++) begin : gen_widths
    reveille_equal #(
      .Width(i + 2)
    ) u_equal (
      .a_i    (a_i[i+1:0]),
      .b_i    (b_i[i+1:0]),
      .equal_o(equal_o[i])
    );
  end

endmodule
