// SPDX-License-Identifier: Apache-2.0
// The simulated line carries what 10 Gbit/s Ethernet does, and no more.
#include "story/line_time.hpp"

#include <cmath>

#include "catch.hpp"

using namespace reveille::sim;

namespace {

constexpr double cycles_a_second = 156.25e6;

/// Frames a second of a sender that always has another frame, of `octets` without FCS.
double frames_a_second(std::size_t octets) {
  LineTime line;
  constexpr std::uint64_t cycles = 1'000'000;
  std::uint64_t frames = 0;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    if (!line.free(cycle)) continue;
    line.take(cycle, octets);
    ++frames;
  }
  return static_cast<double>(frames) * cycles_a_second / static_cast<double>(cycles);
}

/// As close as a million cycles can show.
bool close_to(double rate, double expected) {
  return std::abs(rate - expected) < 1e-4 * expected + cycles_a_second / 1e6;
}

}  // namespace

TEST_CASE("A line carries as many frames as 10 Gbit/s Ethernet does") {
  CHECK(close_to(frames_a_second(60), 14'880'952));  // 84 octets on the wire
  CHECK(close_to(frames_a_second(14), 14'880'952));  // a shorter one is padded
  CHECK(close_to(frames_a_second(61), 14'705'882));
  CHECK(close_to(frames_a_second(1'514), 812'744));  // 1,538
  CHECK(close_to(frames_a_second(9'018), 138'230));  // 9,042
}

TEST_CASE("Time in which nobody sent is lost") {
  LineTime line;
  line.take(1'000, 60);  // to octet time 8,084
  CHECK_FALSE(line.free(1'010));
  CHECK(line.free(1'011));
  line.take(1'011, 60);  // four octets late, made good: to 8,168
  CHECK_FALSE(line.free(1'020));
  CHECK(line.free(1'021));
  line.take(2'000, 60);
  CHECK_FALSE(line.free(2'010));
  CHECK(line.free(2'011));
}
