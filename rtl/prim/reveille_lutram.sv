// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Small RAM in distributed memory: one write port, one read port without a clock. rdata_o is what lies at raddr_i in
// the same cycle; a word written in cycle c is seen from c+1 on. Contents are zero at power-up; there is no reset.
// Meant for depths up to about 64: for more take reveille_ram.
module reveille_lutram #(
  parameter  int unsigned Width        = 8,
  parameter  int unsigned Depth        = 16,
  localparam int unsigned AddressWidth = $clog2(Depth)
) (
  input  logic                    clk_i,
  input  logic                    we_i,
  input  logic [AddressWidth-1:0] waddr_i,
  input  logic [Width-1:0]        wdata_i,
  input  logic [AddressWidth-1:0] raddr_i,
  output logic [Width-1:0]        rdata_o
);

  if (Depth < 2 || Width < 1) begin : gen_bad_parameters
    $error("reveille_lutram: Width %0d, Depth %0d: expected Width >= 1 and Depth >= 2", Width, Depth);
  end

  (* ram_style = "distributed" *)
  logic [Width-1:0] memory[Depth];

  initial begin
    for (int unsigned i = 0; i < Depth; i++) memory[i] = '0;
  end

  always_ff @(posedge clk_i) begin
    if (we_i) memory[waddr_i] <= wdata_i;
  end

  assign rdata_o = memory[raddr_i];

endmodule
