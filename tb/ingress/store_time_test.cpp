// SPDX-License-Identifier: Apache-2.0
// reveille_store_time against the sentence of docs/timing/guard.md, "Store time".
#include <cstdint>
#include <deque>
#include <random>

#include "Vreveille_store_time.h"
#include "bench.hpp"
#include "catch.hpp"

TEST_CASE("Store time: that of the oldest frame under way, else time_i") {
  reveille::tb::Bench<Vreveille_store_time> bench(1);
  auto& dut = *bench.dut;
  std::mt19937_64 random(2);
  struct Frame {
    std::uint64_t time;
    unsigned beats = 0;
    long under_way_to = -1;  // last cycle; -1: not ended
  };
  std::deque<Frame> frames;
  bool open = false;
  unsigned left = 0;
  std::uint64_t time = 0;
  unsigned overlaps = 0;
  dut.beat_valid_i = 0;
  bench.reset();

  for (long cycle = 0; cycle < 300'000; ++cycle) {
    const unsigned percent = cycle / 1000 % 3 == 0 ? 100 : 60;
    time = random() % 4 ? time + random() % 3 : random() & 0xFFFF'FFFF'FFFF;
    const bool valid = random() % 100 < percent && (open || random() % 4 != 0);
    if (valid && !open) left = 1 + random() % (random() % 2 ? 10 : 24);
    dut.time_i = time;
    dut.beat_valid_i = valid;
    dut.beat_last_i = valid ? left == 1 : random() % 2;
    bench.settle();

    while (!frames.empty() && frames.front().under_way_to >= 0 && frames.front().under_way_to < cycle)
      frames.pop_front();
    overlaps += frames.size() > 1;
    REQUIRE(dut.store_time_o == (frames.empty() ? time : frames.front().time));

    if (valid) {
      if (!open) frames.push_back({time});
      Frame& frame = frames.back();
      ++frame.beats;
      open = --left != 0;
      if (!open) frame.under_way_to = frame.beats >= 7 ? cycle + 3 : cycle;
    }
    bench.tick();
  }
  REQUIRE(overlaps > 1000);
}
