// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Raw samples for whoever assesses the source (SP 800-90B, 3.1.1 and 3.1.4): a queue that sees every sample and holds
// none up. One that finds no room is lost, and the next one that is stored says so: a stretch without gap_o but in its
// first word is consecutive (docs/entropy.md, N6).
`include "reveille_assert.svh"

module reveille_noise_tap #(
  parameter int unsigned Depth = 16  // a power of two
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

  input  logic       sample_valid_i,
  input  logic [7:0] sample_i,

  output logic       valid_o,
  input  logic       ready_i,
  output logic [7:0] sample_o,
  output logic       gap_o           // the samples before this one were lost, or are those before clear_i
);

  localparam int unsigned AddressWidth = $clog2(Depth);

  if (Depth < 2 || Depth != 2 ** AddressWidth) begin : gen_bad_depth
    $error("reveille_noise_tap: Depth %0d: expected a power of two, 2 or more", Depth);
  end

  logic [AddressWidth:0] written_q, read_q;  // one bit more than an address: full and empty differ in it
  logic                  gap_q, full, write;

  assign full    = written_q == {!read_q[AddressWidth], read_q[AddressWidth-1:0]};
  assign write   = sample_valid_i && !full;
  assign valid_o = written_q != read_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      written_q <= '0;
      read_q    <= '0;
      gap_q     <= 1'b1;
    end else if (clear_i) begin
      written_q <= '0;
      read_q    <= '0;
      gap_q     <= 1'b1;
    end else begin
      if (write) written_q <= written_q + 1'b1;
      if (valid_o && ready_i) read_q <= read_q + 1'b1;
      if (sample_valid_i) gap_q <= full;
    end
  end

  reveille_lutram #(
    .Width(9),
    .Depth(Depth)
  ) u_samples (
    .clk_i,
    .we_i   (write),
    .waddr_i(written_q[AddressWidth-1:0]),
    .wdata_i({gap_q, sample_i}),
    .raddr_i(read_q[AddressWidth-1:0]),
    .rdata_o({gap_o, sample_o})
  );

  `REVEILLE_ASSERT(WithinTheDepth, (AddressWidth + 1)'(written_q - read_q) <= (AddressWidth + 1)'(Depth))

endmodule
