// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Stands for reveille_ram where a proof is to hold whatever a memory answers: what nobody drives is anything, in every
// cycle anew.
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

endmodule
