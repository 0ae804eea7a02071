// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_equal for Lattice ECP5: the same as rtl/prim/reveille_equal.sv, on a carry chain, two bits a LUT4. Made of
// LUT4, 64 bits are four of them in a row, each a hop of wire from the one before; the chain is one hop, however long.
//
// The first half of a cell starts the chain with bit 0: its LUT4 is 0, so the LUT2 of its inputs A and B is the carry.
// A half behind it hands the carry on where two bits are equal to two. The last one has the carry for its sum.
// Source: the simulation model of Yosys.
module reveille_equal #(
  parameter int unsigned Width = 32
) (
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  output logic             equal_o
);

  localparam int unsigned Pairs = Width / 2;  // behind bit 0
  localparam int unsigned Last  = Pairs + 1;
  localparam int unsigned Cells = Last / 2 + 1;

  localparam logic [15:0] Start = 16'h0009;  // with C and D at 1: LUT4 is 0; the LUT2 is A == B
  localparam logic [15:0] Pair  = 16'h9009;  // A == B && C == D

  if (Width < 2) begin : gen_bad_width
    $error("reveille_equal: Width %0d: expected 2 or more", Width);
  end

  // Bits 2h-1 and 2h in half h; what is missing is equal.
  logic [4*Cells-1:0] a, b;
  logic [2*Cells-1:0] sum;
  logic [Cells-1:0]   carry;
  logic               unused;

  always_comb begin
    a = '1;
    b = '1;
    a[Width:1] = a_i;
    b[Width:1] = b_i;
  end

  for (genvar i = 0; i < int'(Cells); i++) begin : gen_cells
    if (i == 0) begin : gen_first
      CCU2C #(
        .INIT0(Start), .INJECT1_0("NO"),
        .INIT1(Last == 1 ? 16'h0000 : Pair), .INJECT1_1("YES")
      ) u_cell (
        .CIN(1'b0),
        .A0(a[1]), .B0(b[1]), .C0(1'b1), .D0(1'b1), .S0(sum[0]),
        .A1(a[2]), .B1(b[2]), .C1(a[3]), .D1(b[3]), .S1(sum[1]),
        .COUT(carry[0])
      );
    end else begin : gen_others
      CCU2C #(
        .INIT0(2 * i < Last ? Pair : 16'h0000), .INJECT1_0(2 * i < Last ? "YES" : "NO"),
        .INIT1(2 * i + 1 < Last ? Pair : 16'h0000), .INJECT1_1(2 * i + 1 < Last ? "YES" : "NO")
      ) u_cell (
        .CIN(carry[i-1]),
        .A0(a[4*i]), .B0(b[4*i]), .C0(a[4*i+1]), .D0(b[4*i+1]), .S0(sum[2*i]),
        .A1(a[4*i+2]), .B1(b[4*i+2]), .C1(a[4*i+3]), .D1(b[4*i+3]), .S1(sum[2*i+1]),
        .COUT(carry[i])
      );
    end
  end

  assign equal_o = sum[Last];
  assign unused  = &{1'b0, a[0], b[0], sum, carry};

endmodule
