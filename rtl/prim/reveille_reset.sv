// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Reset of the core's parts. rst_ni may be released at any time: a synchroniser of two flip-flops takes it, and each
// part has a flip-flop of its own behind that, so that no reset travels far within a cycle. Outputs fall with rst_ni
// and rise together: high from cycle r + 3 on if rst_ni is high from r on (docs/timing.md).
module reveille_reset #(
  parameter int unsigned Parts = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic [Parts-1:0] rst_no
);

  logic [1:0] synchroniser_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) synchroniser_q <= '0;
    else synchroniser_q <= {synchroniser_q[0], 1'b1};
  end

  for (genvar i = 0; i < Parts; i++) begin : gen_parts
    reveille_reset_part u_part (
      .clk_i,
      .rst_ni,
      .released_i(synchroniser_q[1]),
      .rst_no    (rst_no[i])
    );
  end

endmodule
