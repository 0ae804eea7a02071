// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Samples of 8 bits from ring oscillators that run one at a time, in turn (docs/entropy.md, N2 to N4). A sample takes
// nine slots of Division cycles: in the first all rings rest, in the others one runs, and at the end of each its level
// is a bit, the first one bit 0. Every sample so begins with a ring at rest: what two samples of a ring differ in is
// noise, and without noise they are the same, which the core's health tests see.
//
// Nothing holds the sampling up. Not here: any conditioning; a test, which is the core's.
`include "reveille_assert.svh"

module reveille_ring_sampler #(
  parameter int unsigned Rings    = 3,
  parameter int unsigned Division = 65536
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             enable_i,        // low: rings at rest, what was gathered is forgotten

  output logic [Rings-1:0] run_o,           // registers
  input  logic [Rings-1:0] rings_i,         // asynchronous; 1 where a ring rests

  output logic             sample_valid_o,  // one cycle a sample
  output logic [7:0]       sample_o
);

  // Odd, so that the windows of the adaptive proportion test, of 512 samples, begin with each ring in turn.
  if (Rings < 1 || Rings % 2 == 0) begin : gen_bad_rings
    $error("reveille_ring_sampler: Rings %0d: expected an odd number", Rings);
  end
  if (Division < 8) begin : gen_bad_division
    $error("reveille_ring_sampler: Division %0d: expected 8 or more", Division);
  end

  localparam int unsigned CountWidth = $clog2(Division);
  localparam int unsigned Bits = 8;

  // The synchroniser of each ring, and the level of the one that runs: the others are 1
  // ----------------------------------------------------------------------------------
  logic [Rings-1:0] captured_q, settled_q;
  logic             level_q;

  always_ff @(posedge clk_i) begin
    captured_q <= rings_i;
    settled_q  <= captured_q;
    level_q    <= &settled_q;
  end

  // Slots: 0 is rest, 1 to 8 end with a bit
  // ---------------------------------------
  logic [CountWidth-1:0]   count_q;
  logic [$clog2(Bits+1)-1:0] slot_q;
  logic [Rings-1:0]        turn_q;  // whose slots these are
  logic                    last_cycle, resting, complete;

  assign last_cycle = count_q == CountWidth'(Division - 1);
  assign resting    = slot_q == '0;
  assign complete   = last_cycle && slot_q == ($clog2(Bits+1))'(Bits);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q        <= '0;
      slot_q         <= '0;
      turn_q         <= Rings'(1);
      run_o          <= '0;
      sample_valid_o <= 1'b0;
    end else if (!enable_i) begin
      count_q        <= '0;
      slot_q         <= '0;
      turn_q         <= Rings'(1);
      run_o          <= '0;
      sample_valid_o <= 1'b0;
    end else begin
      count_q        <= last_cycle ? '0 : count_q + 1'b1;
      sample_valid_o <= complete;
      if (complete) begin
        slot_q <= '0;
        turn_q <= Rings'({turn_q, turn_q[Rings-1]});
        run_o  <= '0;
      end else if (last_cycle) begin
        slot_q <= slot_q + 1'b1;
        run_o  <= turn_q;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (last_cycle && !resting) sample_o <= {level_q, sample_o[Bits-1:1]};
  end

  `REVEILLE_ASSERT(OneTurn, $onehot(turn_q))
  `REVEILLE_ASSERT(OneRingAtATime, run_o == '0 || run_o == turn_q)
  `REVEILLE_ASSERT(AllRestBeforeASample, !resting || run_o == '0)

endmodule
