// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Block RAM with one write and one read port, and the output register without which no block RAM is fast:
// rdata_o in cycle c+2 is what lay at the raddr_i of cycle c; a cycle in which re_i is low does not count: it changes
// neither what is read nor rdata_o. With oe_i low besides re_i high a cycle reads, but rdata_o stays. Contents are zero
// at power-up; there is no reset.
//
// A word may have parts of equal width, each with its write enable, lowest first: parts are octets of nine bits then,
// and Depth at most 1,024, which block RAMs have.
//
// A read of an address in the very cycle that writes it is undefined. Simulation answers with the complement of the
// old word, so that whoever relies on it fails there and not on the board.
//
// synth/ecp5 has its own version of this one module, held equal to this by tb/prim/ram_test.cpp.
`include "reveille_assert.svh"

module reveille_ram #(
  parameter  int unsigned Width        = 72,
  parameter  int unsigned Depth        = 512,
  parameter  int unsigned Parts        = 1,
  localparam int unsigned AddressWidth = $clog2(Depth)
) (
  input  logic                    clk_i,
  input  logic [Parts-1:0]        we_i,
  input  logic [AddressWidth-1:0] waddr_i,
  input  logic [Width-1:0]        wdata_i,
  input  logic                    re_i = 1'b1,
  input  logic                    oe_i = 1'b1,
  input  logic [AddressWidth-1:0] raddr_i,
  output logic [Width-1:0]        rdata_o
);

  if (Depth < 2 || Depth > 16384 || Width < 1) begin : gen_bad_parameters
    $error("reveille_ram: Width %0d, Depth %0d: expected Width >= 1 and Depth from 2 to 16384", Width, Depth);
  end
  if (Parts != 1 && (Width != 9 * Parts || Depth > 1024)) begin : gen_bad_parts
    $error("reveille_ram: Parts %0d, Width %0d, Depth %0d: expected Width = 9 x Parts and Depth <= 1024",
           Parts, Width, Depth);
  end

  localparam int unsigned PartWidth = Width / Parts;

  (* no_rw_check, ram_style = "block" *)
  logic [Width-1:0] memory[Depth];
  logic [Width-1:0] read_q;

  initial begin
    for (int unsigned i = 0; i < Depth; i++) memory[i] = '0;
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Parts; i++) begin
      if (we_i[i]) memory[waddr_i][PartWidth*i+:PartWidth] <= wdata_i[PartWidth*i+:PartWidth];
    end
    if (re_i) begin
      read_q <= memory[raddr_i];
      if (oe_i) rdata_o <= read_q;
`ifdef REVEILLE_ASSERTIONS
      if (|we_i && waddr_i == raddr_i) read_q <= ~memory[raddr_i];
`endif
    end
  end

endmodule
