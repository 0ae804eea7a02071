// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// A word of cycle c comes out in cycle c + Cycles, from a register. A ring in distributed memory: for more than a few
// cycles much smaller than registers. Until the first words have gone through, the output is anything.
module reveille_delay #(
  parameter int unsigned Width  = 8,
  parameter int unsigned Cycles = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);

  if (Width < 1 || Cycles < 2 || Cycles > 17) begin : gen_bad_parameters
    $error("reveille_delay: Width %0d, Cycles %0d: expected Width >= 1 and Cycles from 2 to 17", Width, Cycles);
  end

  localparam int unsigned Depth = 16;
  localparam int unsigned AddressWidth = $clog2(Depth);

  // A word is in the ring from the cycle behind its own on, and is read Cycles - 1 cycles behind it: at the latest in
  // that which overwrites it.
  logic [AddressWidth-1:0] write_address_q, read_address_q;
  logic [Width-1:0]        read;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_address_q <= AddressWidth'(Cycles - 1);
      read_address_q  <= '0;
    end else begin
      write_address_q <= write_address_q + 1'b1;
      read_address_q  <= read_address_q + 1'b1;
    end
  end

  reveille_lutram #(
    .Width(Width),
    .Depth(Depth)
  ) u_ring (
    .clk_i,
    .we_i   (1'b1),
    .waddr_i(write_address_q),
    .wdata_i(data_i),
    .raddr_i(read_address_q),
    .rdata_o(read)
  );

  always_ff @(posedge clk_i) data_o <= read;

endmodule
