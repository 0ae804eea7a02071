// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Ones' complement sum of 16-bit words (RFC 1071) that come octet by octet, most significant first, an octet in each
// cycle with turn_i. Of the sum's two halves the first is the one that this cycle's octet belongs to: they change
// places with each octet, and its carry goes to the other half, as it does at both ends of a ones' complement sum.
//
// A carry is added with the next octet: the halves are final two turns (of 0) after the last addend.
module reveille_octet_sum (
  input  logic       clk_i,
  input  logic       clear_i,
  input  logic       turn_i,
  input  logic [7:0] octet_i,
  output logic [7:0] first_o,
  output logic [7:0] other_o
);

  logic [7:0] first_q, other_q;
  logic carry_q, unused;
  logic [8:0] sum;

  // The carry comes in as the one of a bit below, so that one carry chain does it all.
  assign {sum, unused} = {1'b0, first_q, 1'b1} + {1'b0, octet_i, carry_q};

  always_ff @(posedge clk_i) begin
    if (clear_i) {carry_q, first_q, other_q} <= '0;
    else if (turn_i) {carry_q, first_q, other_q} <= {sum[8], other_q, sum[7:0]};
  end

  assign first_o = first_q;
  assign other_o = other_q;

endmodule
