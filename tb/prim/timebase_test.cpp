// SPDX-License-Identifier: Apache-2.0
// reveille_timebase: microseconds since reset, exact over a second's worth of fractions, at two clocks.
#include <cstdint>

#include "Vreveille_timebase.h"
#include "Vtimebase_slow.h"
#include "catch.hpp"

namespace {

template <class Timebase>
void count(std::uint64_t increment) {
  Timebase dut;
  for (const unsigned cycles : {1'000U, 2'000'000U}) {  // a reset begins anew
    dut.rst_ni = 0;
    dut.eval();
    dut.rst_ni = 1;
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
      dut.eval();
      REQUIRE(dut.time_o == cycle * increment / 1'000'000);
      dut.clk_i = 1;
      dut.eval();
      dut.clk_i = 0;
    }
  }
}

}  // namespace

TEST_CASE("the time base counts whole microseconds of the clock's picoseconds") {
  count<Vreveille_timebase>(6400);  // 156.25 MHz
  count<Vtimebase_slow>(999'999);   // the slowest there is
}
