// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a CCU2C does: two LUT4 with a carry each. Synthesis takes it as a black box. Source: the simulation model of
// Yosys.
module CCU2C #(
  parameter logic [15:0] INIT0     = 16'h0000,
  parameter logic [15:0] INIT1     = 16'h0000,
  parameter              INJECT1_0 = "YES",  // strings, for place and route reads them
  parameter              INJECT1_1 = "YES"
) (
  input  logic CIN,
  input  logic A0, B0, C0, D0, A1, B1, C1, D1,
  output logic S0, S1,
  output logic COUT
);

  // {carry out, sum} of a half
  function automatic logic [1:0] half(logic [15:0] init, logic inject, logic a, logic b, logic c, logic d, logic carry);
    logic lut4, lut2;
    lut4 = init[{d, c, b, a}];
    lut2 = init[{2'b00, b, a}] && !inject;
    return {lut4 ? carry : lut2, lut4 ^ (carry && !inject)};
  endfunction

  logic carry;

  /* verilator lint_off WIDTHEXPAND */  // "NO" is shorter
  assign {carry, S0} = half(INIT0, INJECT1_0 == "YES", A0, B0, C0, D0, CIN);
  assign {COUT, S1}  = half(INIT1, INJECT1_1 == "YES", A1, B1, C1, D1, carry);
  /* verilator lint_on WIDTHEXPAND */

endmodule
