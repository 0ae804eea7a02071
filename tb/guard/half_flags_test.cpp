// SPDX-License-Identifier: Apache-2.0
// The flags of a half's four ways, lanes 0 and 1 of either bank: at once where each lane is a memory, else the first
// lanes' of the last cycle in which they came, beside the second lanes' of this one (docs/timing.md, T13).
#include <array>
#include <random>

#include "Vhalf_flags_four.h"
#include "Vhalf_flags_two.h"
#include "catch.hpp"
#include "guard/packed.hpp"

using namespace reveille::tb;

namespace {

using Ways = std::array<std::uint64_t, 4>;  // by {bank, lane}

constexpr std::uint64_t mask = (std::uint64_t{1} << LaneFlags::kWidth) - 1;

template <class Port>
void drive_ways(Port& port, const Ways& ways) {
  drive(port, {{ways[3], LaneFlags::kWidth},
               {ways[2], LaneFlags::kWidth},
               {ways[1], LaneFlags::kWidth},
               {ways[0], LaneFlags::kWidth}});
}

template <class Port>
Ways ways_of(const Port& port) {
  Ways ways{};
  Fields fields(port, 4 * LaneFlags::kWidth);
  for (unsigned way = 4; way-- != 0;) fields.take(ways[way], LaneFlags::kWidth);
  return ways;
}

/// In every cycle any flags, of which those of the first lanes are to be kept or not.
template <class Dut, class Expected>
void play(Expected expected) {
  std::mt19937_64 random(1);
  VerilatedContext context;
  Dut dut(&context);
  Ways first{};  // when it was last told that these are the first lanes'
  for (unsigned cycle = 0; cycle < 2000; ++cycle) {
    Ways flags;
    for (std::uint64_t& way : flags) way = random() & mask;
    dut.clk_i = 0;
    dut.first_i = cycle == 0 || random() % 3 == 0;
    drive_ways(dut.flags_i, flags);
    dut.eval();
    CAPTURE(cycle);
    if (cycle != 0) REQUIRE(ways_of(dut.flags_o) == expected(first, flags));
    if (dut.first_i) first = flags;
    dut.clk_i = 1;
    dut.eval();
  }
}

}  // namespace

TEST_CASE("Two read cycles: all flags at once") {
  play<Vhalf_flags_two>([](const Ways&, const Ways& now) { return now; });
}

TEST_CASE("Four read cycles: the first lanes' as they were, the second lanes' as they are") {
  play<Vhalf_flags_four>([](const Ways& first, const Ways& now) { return Ways{first[0], now[1], first[2], now[3]}; });
}
