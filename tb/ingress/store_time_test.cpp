// SPDX-License-Identifier: Apache-2.0
// reveille_store_time against the sentence of docs/timing/guard.md, "Store time".
#include <cstdint>
#include <deque>
#include <random>

#include "Vreveille_store_time.h"
#include "bench.hpp"
#include "catch.hpp"

namespace {

/// Every frame that was ever under way, by its first cycle b and its last T.
struct Frame {
  std::uint64_t time;
  long begin;
  unsigned beats = 0;
  long end = -1;  ///< -1: not yet
  [[nodiscard]] bool under_way(long cycle) const {
    if (cycle <= begin) return false;
    const bool in_time = end >= 0 && end <= begin + 16384;
    if (!in_time && cycle > begin + 16384) return false;
    return end < 0 || cycle <= (beats >= 7 ? end + 8 : end);
  }
};

struct Traffic {
  reveille::tb::Bench<Vreveille_store_time> bench{1};
  std::mt19937_64 random{2};
  std::deque<Frame> frames;
  bool open = false;
  long cycle = 0;
  std::uint64_t time = 0;
  unsigned overlaps = 0;

  Traffic() {
    bench.dut->beat_valid_i = 0;
    bench.reset();
  }
  void step(bool valid, bool last) {
    auto& dut = *bench.dut;
    time = random() % 4 ? time + random() % 3 : random() & 0xF'FFFF'FFFF'FFFF;
    dut.time_i = time;
    dut.beat_valid_i = valid;
    dut.beat_last_i = valid ? last : random() % 2;
    bench.settle();
    unsigned under_way = 0;
    std::uint64_t expected = time;
    bool soon = false;
    for (const Frame& frame : frames) {
      soon |= frame.beats >= 7 && frame.end >= 0 && frame.end + 7 == cycle;
      if (frame.under_way(cycle) && under_way++ == 0) expected = frame.time;
    }
    INFO("cycle " << cycle);
    REQUIRE(dut.store_time_o == expected);
    REQUIRE(static_cast<bool>(dut.lookup_soon_o) == soon);
    overlaps += under_way > 1;
    if (valid) {
      if (!open) frames.push_back({time, cycle});
      ++frames.back().beats;
      open = !last;
      if (last) frames.back().end = cycle;
    }
    while (!frames.empty() && frames.front().end >= 0 && frames.front().end + 10 < cycle) frames.pop_front();
    bench.tick();
    ++cycle;
  }
};

}  // namespace

TEST_CASE("Store time: that of the oldest frame under way, else time_i") {
  Traffic traffic;
  unsigned left = 0;
  while (traffic.cycle < 300'000) {
    const unsigned percent = traffic.cycle / 1000 % 3 == 0 ? 100 : 60;
    const bool valid = traffic.random() % 100 < percent && (traffic.open || traffic.random() % 4 != 0);
    if (valid && !traffic.open) {
      const auto kind = traffic.random() % 4;  // also many of seven beats in a row
      left = kind < 2 || traffic.cycle / 1000 % 6 == 0 ? 7 : 1 + traffic.random() % (kind == 2 ? 10 : 24);
    }
    traffic.step(valid, left == 1);
    if (valid) --left;
  }
  REQUIRE(traffic.overlaps > 1000);
}

TEST_CASE("A frame whose last beat does not come holds the store's time for 16,384 cycles and no longer") {
  Traffic traffic;
  for (const unsigned cycles : {16382U, 16383U, 16384U, 16385U, 16386U, 16400U, 40000U}) {
    for (const unsigned beats : {2U, 7U, 20U}) {
      for (const unsigned before : {0U, 4U, 8U}) {  // behind a frame whose tail reaches into it
        for (unsigned i = 0; i < 7; ++i) traffic.step(true, i == 6);
        for (unsigned i = 0; i < before; ++i) traffic.step(false, false);
        const long begin = traffic.cycle;
        for (unsigned i = 0; i + 1 < beats; ++i) traffic.step(true, false);
        while (traffic.cycle < begin + static_cast<long>(cycles)) traffic.step(false, false);
        traffic.step(true, true);
        for (auto i = traffic.random() % 12; i != 0; --i) traffic.step(traffic.random() % 2 == 0, true);
      }
    }
  }
}
