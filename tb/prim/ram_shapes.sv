// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// One reveille_ram of each shape, side by side on common inputs: every aspect of a DP16KD, and widths that fill their
// blocks and that do not; the last has parts with write enables of their own. Shape i sees the lowest bits of the
// inputs.
module ram_shapes (
  input  logic         clk_i,
  input  logic         we_i,
  input  logic [1:0]   part_we_i,
  input  logic [13:0]  waddr_i,
  input  logic [273:0] wdata_i,
  input  logic         re_i,
  input  logic         oe_i,
  input  logic [13:0]  raddr_i,
  output logic [273:0] rdata_o[9]
);

  localparam int unsigned Widths[8] = '{72, 64, 274, 8, 72, 5, 3, 2};
  localparam int unsigned Depths[8] = '{512, 300, 1024, 1024, 2048, 4096, 8192, 16384};

  for (genvar i = 0; i < 8; i++) begin : gen_shapes
    localparam int unsigned AddressWidth = $clog2(Depths[i]);
    logic [Widths[i]-1:0] rdata;
    reveille_ram #(
      .Width(Widths[i]),
      .Depth(Depths[i])
    ) u_ram (
      .clk_i,
      .we_i   (we_i && 32'(waddr_i) % (1 << AddressWidth) < Depths[i]),
      .waddr_i(waddr_i[AddressWidth-1:0]),
      .wdata_i(wdata_i[Widths[i]-1:0]),
      .re_i,
      .oe_i,
      .raddr_i(raddr_i[AddressWidth-1:0]),
      .rdata_o(rdata)
    );
    assign rdata_o[i] = 274'(rdata);
  end

  logic [17:0] part_rdata;
  reveille_ram #(
    .Width(18),
    .Depth(1024),
    .Parts(2)
  ) u_parts (
    .clk_i,
    .we_i   (part_we_i),
    .waddr_i(waddr_i[9:0]),
    .wdata_i(wdata_i[17:0]),
    .re_i,
    .oe_i,
    .raddr_i(raddr_i[9:0]),
    .rdata_o(part_rdata)
  );
  assign rdata_o[8] = 274'(part_rdata);

endmodule
