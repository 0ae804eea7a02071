// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// ECP5's form of rtl/prim/reveille_register_copy.sv: primitives, which Yosys leaves apart.
module reveille_register_copy #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             enable_i,
  input  logic [Width-1:0] d_i,
  output logic [Width-1:0] q_o
);

  for (genvar i = 0; i < int'(Width); i++) begin : gen_bits
    TRELLIS_FF #(
      .GSR  ("DISABLED"),
      .CEMUX("CE")
    ) u_copy (
      .CLK(clk_i),
      .CE (enable_i),
      .LSR(1'b0),
      .DI (d_i[i]),
      .Q  (q_o[i])
    );
  end

endmodule
