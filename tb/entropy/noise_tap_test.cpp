// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <deque>
#include <random>
#include <utility>

#include "Vreveille_noise_tap.h"
#include "bench.hpp"
#include "catch.hpp"

TEST_CASE("the tap keeps samples in their order, and the one behind a loss says so") {
  reveille::tb::Bench<Vreveille_noise_tap> bench(1);
  auto& rtl = *bench.dut;
  std::mt19937 random(1);
  std::deque<std::pair<unsigned, bool>> queue;
  bool gap = true;
  unsigned lost = 0, read = 0, cleared = 0;
  for (unsigned cycle = 0; cycle < 200'000; ++cycle) {
    const unsigned phase = cycle / 1000 % 3;  // kept up with, left alone, in between
    rtl.clear_i = random() % 5000 == 0;
    rtl.sample_valid_i = random() % 4 == 0;
    rtl.sample_i = random() & 0xff;
    rtl.ready_i = phase == 0 || (phase == 2 && random() % 4 == 0);
    bench.settle();
    REQUIRE(rtl.valid_o == !queue.empty());
    if (!queue.empty()) {
      REQUIRE(rtl.sample_o == queue.front().first);
      REQUIRE(rtl.gap_o == queue.front().second);
    }
    if (rtl.clear_i) {
      queue.clear();
      gap = true;
      ++cleared;
    } else {
      const bool full = queue.size() == 16;
      if (rtl.ready_i && !queue.empty()) {
        queue.pop_front();
        ++read;
      }
      if (rtl.sample_valid_i) {
        if (!full) queue.emplace_back(rtl.sample_i, gap);
        lost += full;
        gap = full;
      }
    }
    bench.tick();
  }
  CHECK(lost > 1000);
  CHECK(read > 1000);
  CHECK(cleared > 10);
}
