// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// One reveille_dual_read_ram of each shape, side by side on common inputs: every aspect of a DP16KD that has two ports,
// and widths that fill their blocks and that do not. Shape i sees the lowest bits of the inputs.
module dual_read_ram_shapes (
  input  logic        clk_i,
  input  logic        a_write_i,
  input  logic [13:0] a_addr_i,
  input  logic [39:0] a_wdata_i,
  output logic [39:0] a_rdata_o[6],
  input  logic [13:0] b_addr_i,
  output logic [39:0] b_rdata_o[6]
);

  localparam int unsigned Widths[6] = '{18, 40, 9, 5, 3, 2};
  localparam int unsigned Depths[6] = '{1024, 300, 2048, 4096, 8192, 16384};

  for (genvar i = 0; i < 6; i++) begin : gen_shapes
    localparam int unsigned AddressWidth = $clog2(Depths[i]);
    logic [Widths[i]-1:0] a_rdata, b_rdata;
    reveille_dual_read_ram #(
      .Width(Widths[i]),
      .Depth(Depths[i])
    ) u_ram (
      .clk_i,
      .a_write_i(a_write_i && 32'(a_addr_i) % (1 << AddressWidth) < Depths[i]),
      .a_addr_i (a_addr_i[AddressWidth-1:0]),
      .a_wdata_i(a_wdata_i[Widths[i]-1:0]),
      .a_rdata_o(a_rdata),
      .b_addr_i (b_addr_i[AddressWidth-1:0]),
      .b_rdata_o(b_rdata)
    );
    assign a_rdata_o[i] = 40'(a_rdata);
    assign b_rdata_o[i] = 40'(b_rdata);
  end

endmodule
