// SPDX-License-Identifier: Apache-2.0
// reveille_frame_time: a frame's time in T+8 to T+10 and in T+11 to T+13, whatever comes before and behind it.
#include <cstdint>
#include <deque>
#include <random>

#include "Vreveille_frame_time.h"
#include "bench.hpp"
#include "catch.hpp"

namespace {

struct Frame {
  std::uint64_t time = 0;
  std::uint64_t last = 0;  // T
};

}  // namespace

TEST_CASE("the time of a frame of three beats or more stands beside its look-up and its descriptor") {
  const auto percent = GENERATE(100U, 60U, 15U);  // cycles with a beat
  CAPTURE(percent);
  std::mt19937_64 random(percent);
  reveille::tb::Bench<Vreveille_frame_time> bench(1);
  std::deque<Frame> frames;
  Frame frame;
  unsigned beats = 0;
  unsigned left = 0;
  unsigned compared = 0;
  for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
    CAPTURE(cycle);
    bench.dut->time_i = random() & 0xf'ffff'ffff'ffff;
    const bool valid = random() % 100 < percent;
    if (valid && left == 0) {
      left = 1 + static_cast<unsigned>(random() % (random() % 4 == 0 ? 40 : 5));
      beats = left;
      frame.time = bench.dut->time_i;
    }
    bench.dut->beat_valid_i = valid;
    bench.dut->beat_last_i = valid ? left == 1 : random() % 2 != 0;
    bench.settle();
    while (!frames.empty() && frames.front().last + 13 < cycle) frames.pop_front();
    for (const Frame& past : frames) {
      const std::uint64_t since = cycle - past.last;
      if (since >= 11 && since <= 13) REQUIRE(bench.dut->descriptor_now_o == past.time);
      compared += since == 13;
    }
    if (valid && --left == 0 && beats >= 3) frames.push_back({frame.time, cycle});
    bench.tick();
  }
  CHECK(compared > 1'000);
}
