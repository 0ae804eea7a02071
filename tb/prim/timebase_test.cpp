// SPDX-License-Identifier: Apache-2.0
// reveille_timebase: microseconds since reset, exact over a second's worth of fractions.
#include <cstdint>

#include "Vreveille_timebase.h"
#include "catch.hpp"

TEST_CASE("the time base counts whole microseconds of the clock's picoseconds") {
  Vreveille_timebase dut;
  dut.rst_ni = 0;
  dut.eval();
  dut.rst_ni = 1;
  for (std::uint64_t cycle = 0; cycle < 2'000'000; ++cycle) {
    dut.eval();
    REQUIRE(dut.time_o == cycle * 6400 / 1'000'000);  // 156.25 MHz
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
  }
}
