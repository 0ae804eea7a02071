// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Block RAM that two read at once: port A writes or reads, port B reads. Both have the output register without which no
// block RAM is fast: the data of cycle c+2 is what lay at the address of cycle c. Contents are zero at power-up; there
// is no reset.
//
// What port A reads in a cycle in which it writes, and what port B reads of the very address that port A writes, is
// undefined. Simulation answers with the complement of the old word, so that whoever relies on it fails there.
//
// synth/ecp5 has its own version of this one module, held equal to this by tb/prim/dual_read_ram_test.cpp.
`include "reveille_assert.svh"

module reveille_dual_read_ram #(
  parameter  int unsigned Width        = 18,
  parameter  int unsigned Depth        = 1024,
  localparam int unsigned AddressWidth = $clog2(Depth)
) (
  input  logic                    clk_i,
  input  logic                    a_write_i,
  input  logic [AddressWidth-1:0] a_addr_i,
  input  logic [Width-1:0]        a_wdata_i,
  output logic [Width-1:0]        a_rdata_o,
  input  logic [AddressWidth-1:0] b_addr_i,
  output logic [Width-1:0]        b_rdata_o
);

  if (Depth < 2 || Depth > 16384 || Width < 1) begin : gen_bad_parameters
    $error("reveille_dual_read_ram: Width %0d, Depth %0d: expected Width >= 1 and Depth from 2 to 16384", Width, Depth);
  end

  (* no_rw_check, ram_style = "block" *)
  logic [Width-1:0] memory[Depth];
  logic [Width-1:0] a_read_q, b_read_q;

  initial begin
    for (int unsigned i = 0; i < Depth; i++) memory[i] = '0;
  end

  always_ff @(posedge clk_i) begin
    if (a_write_i) memory[a_addr_i] <= a_wdata_i;
    else           a_read_q <= memory[a_addr_i];
    b_read_q  <= memory[b_addr_i];
    a_rdata_o <= a_read_q;
    b_rdata_o <= b_read_q;
`ifdef REVEILLE_ASSERTIONS
    if (a_write_i) a_read_q <= ~memory[a_addr_i];
    if (a_write_i && a_addr_i == b_addr_i) b_read_q <= ~memory[b_addr_i];
`endif
  end

endmodule
