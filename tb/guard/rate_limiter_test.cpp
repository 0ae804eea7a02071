// SPDX-License-Identifier: Apache-2.0
// Rules V5 and V6: GCRA as docs/protocol.md L15 words it, with numbers that cannot wrap, and the cycle of each input.
#include <random>

#include "Vreveille_rate_limiter.h"
#include "catch.hpp"
#include "guard/packed.hpp"

using reveille::tb::u128;

namespace {

constexpr std::uint64_t kMask = (std::uint64_t{1} << 52) - 1;

struct Bench {
  VerilatedContext context;
  Vreveille_rate_limiter dut{&context};
  std::mt19937_64 random;
  u128 tat = 0;

  explicit Bench(std::uint64_t seed) : random(seed) {
    context.randReset(2);
    reset();
  }
  void reset() {
    dut.rst_ni = 0;
    noise();
    dut.take_i = 1;
    clock();
    dut.rst_ni = 1;
    dut.take_i = 0;
    dut.lost_i = random() % 2;
    tat = 0;
  }
  void clock() {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  void noise() {
    dut.now_i = random() & kMask;
    dut.tolerance_i = random() & kMask;
    dut.interval_i = static_cast<std::uint32_t>(random());
    dut.take_i = 0;
  }
  /// One frame, T+11 to T+17; everything is noise but in its cycle.
  bool frame(std::uint64_t now, std::uint64_t tolerance, std::uint32_t interval, bool lost) {
    noise();
    dut.now_i = now;
    dut.tolerance_i = tolerance;
    clock();
    noise();
    clock();
    noise();  // T+13
    dut.interval_i = interval;
    dut.eval();
    const bool conforms = dut.conforms_o;
    REQUIRE(conforms == (tat <= static_cast<u128>(now) + tolerance));
    clock();
    noise();  // T+14
    dut.take_i = conforms;
    dut.lost_i = lost;
    clock();
    for (int i = 0; i < 3; ++i) {  // frames with a look-up are seven cycles apart
      noise();
      clock();
    }
    if (conforms && !lost) tat = (tat > now ? tat : now) + interval;
    return conforms;
  }
};

}  // namespace

TEST_CASE("V5, L15: TAT is 0 at reset; a burst, then the rate, to the microsecond") {
  Bench bench(1);
  CHECK(bench.frame(0, 0, 10, true));
  CHECK(bench.frame(0, 0, 10, false));
  CHECK_FALSE(bench.frame(0, 9, 10, false));
  CHECK(bench.frame(0, 10, 10, false));  // TAT 20
  CHECK_FALSE(bench.frame(19, 0, 10, false));
  CHECK(bench.frame(20, 0, 10, false));
}

TEST_CASE("V5: the next frame, seven cycles on, sees the new TAT; one that is not taken changes nothing") {
  Bench bench(GENERATE(2U, 3U, 4U));
  unsigned conforming = 0, refused = 0;
  std::uint64_t now = 0;
  for (unsigned i = 0; i < 100'000; ++i) {
    const unsigned scale = 1 + static_cast<unsigned>(bench.random() % 52);
    const std::uint64_t small = bench.random() & ((std::uint64_t{1} << scale) - 1);
    now = (bench.random() % 50 == 0 ? bench.random() : now + small % 1000) & kMask;
    // Often just at the edge.
    std::uint64_t tolerance = small;
    if (bench.random() % 2 == 0 && bench.tat > now) {
      tolerance = static_cast<std::uint64_t>(bench.tat - now + bench.random() % 3 - 1) & kMask;
    }
    const bool wide = bench.random() % 20 == 0;
    const auto interval = static_cast<std::uint32_t>(wide ? bench.random() : bench.random() % 1000);
    ++(bench.frame(now, tolerance, interval, bench.random() % 4 == 0) ? conforming : refused);
    for (unsigned gap = static_cast<unsigned>(bench.random() % 3); gap != 0; --gap) {
      bench.noise();
      bench.clock();
    }
  }
  CHECK(conforming > 10'000);
  CHECK(refused > 10'000);
}

TEST_CASE("L15: no sum wraps") {
  Bench bench(5);
  for (unsigned i = 0; i < 5; ++i) CHECK(bench.frame(kMask, kMask, 0xffffffff, false));
  CHECK_FALSE(bench.frame(kMask, 0, 0, false));
  CHECK_FALSE(bench.frame(0, kMask, 0, false));
  CHECK(bench.frame(kMask, kMask, 0, false));
}

TEST_CASE("L15: TAT itself needs 54 bits, and is 0 again behind a reset") {
  Bench bench(6);
  unsigned conforming = 0;
  while (bench.frame(kMask, kMask, 0xffffffff, false)) ++conforming;
  CHECK(bench.tat > u128{1} << 53);
  CHECK(conforming > 1U << 20);
  for (unsigned i = 0; i < 100; ++i) CHECK_FALSE(bench.frame(kMask, kMask, 0xffffffff, false));
  bench.reset();
  for (std::uint64_t now = 0; now < 300; now += 100) CHECK(bench.frame(now, 0, 10, false));
}
