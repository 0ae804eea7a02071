// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Noise source for the core's s_axis_entropy: raw samples of 8 bits from ring oscillators (docs/entropy.md). Not part
// of the core. What is claimed of a sample, and on what ground, is there; it was not assessed on silicon.
//
// Nothing holds the sampling up: a sample that finds the one before not taken is dropped, and the tap has it all the
// same. Not here: health tests, which are the core's; conditioning.
`include "reveille_assert.svh"

module reveille_noise_source #(
  parameter int unsigned Rings    = 3,      // odd
  parameter int unsigned Stages   = 3,      // of the shortest ring, odd; each of the others has two more
  parameter int unsigned Division = 65536,  // cycles a bit
  parameter int unsigned TapDepth = 16      // samples, a power of two
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       enable_i,  // low: all rings rest, nothing is sampled, the tap is empty

  output logic       m_axis_entropy_tvalid,
  input  logic       m_axis_entropy_tready,
  output logic [7:0] m_axis_entropy_tdata,

  output logic       m_axis_tap_tvalid,
  input  logic       m_axis_tap_tready,
  output logic [7:0] m_axis_tap_tdata,
  output logic       m_axis_tap_tuser   // not the sample behind the one before
);

  logic [Rings-1:0] run, rings;
  logic             sample_valid;
  logic [7:0]       sample;

  for (genvar i = 0; i < int'(Rings); i++) begin : gen_rings
    reveille_ring_oscillator #(
      .Stages(Stages + 2 * i)
    ) u_ring (
      .enable_i(run[i]),
      .ring_o  (rings[i])
    );
  end

  reveille_ring_sampler #(
    .Rings   (Rings),
    .Division(Division)
  ) u_sampler (
    .clk_i,
    .rst_ni,
    .enable_i,
    .run_o         (run),
    .rings_i       (rings),
    .sample_valid_o(sample_valid),
    .sample_o      (sample)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) m_axis_entropy_tvalid <= 1'b0;
    else m_axis_entropy_tvalid <= sample_valid || (m_axis_entropy_tvalid && !m_axis_entropy_tready);
  end

  always_ff @(posedge clk_i) begin
    if (sample_valid && (m_axis_entropy_tready || !m_axis_entropy_tvalid)) m_axis_entropy_tdata <= sample;
  end

  reveille_noise_tap #(
    .Depth(TapDepth)
  ) u_tap (
    .clk_i,
    .rst_ni,
    .clear_i       (!enable_i),
    .sample_valid_i(sample_valid),
    .sample_i      (sample),
    .valid_o       (m_axis_tap_tvalid),
    .ready_i       (m_axis_tap_tready),
    .sample_o      (m_axis_tap_tdata),
    .gap_o         (m_axis_tap_tuser)
  );

  `REVEILLE_ASSERT_STAYS(OfferedUntilTaken, m_axis_entropy_tvalid, m_axis_entropy_tready, m_axis_entropy_tdata)

endmodule
