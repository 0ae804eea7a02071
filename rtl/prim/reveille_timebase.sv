// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Microseconds since reset, for boards without a clock of their own (docs/architecture.md, "Time"). Adds Increment
// millionths of a microsecond each cycle: 6400 for 156.25 MHz. Not part of the core: drives its time_i.
module reveille_timebase #(
  parameter int unsigned Increment = 6400  // picoseconds a cycle, below 1,000,000
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  output reveille_pkg::time_t time_o
);

  localparam int unsigned Microsecond = 1_000_000;

  if (Increment < 1 || Increment >= Microsecond) begin : gen_bad_parameter
    $error("reveille_timebase: Increment %0d, expected 1 to 999999 picoseconds", Increment);
  end

  logic [19:0] fraction_q;
  logic [20:0] sum, rest;

  assign sum  = {1'b0, fraction_q} + 21'(Increment);
  assign rest = sum - 21'(Microsecond);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fraction_q <= '0;
      time_o     <= '0;
    end else if (rest[20]) begin
      fraction_q <= sum[19:0];
    end else begin
      fraction_q <= rest[19:0];
      time_o     <= time_o + 1'b1;
    end
  end

endmodule
