// SPDX-License-Identifier: Apache-2.0
// What S9 and S15 write as a deadline or the next Wake Up: now and a wait, doubled so often, but never beyond the last
// time; and the cycle from which it is there.
#include <algorithm>
#include <random>

#include "Vreveille_session_later.h"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

TEST_CASE("S9, S15: three cycles and one a doubling; the last time there is holds all that would lie behind it") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_later dut(&context);
  const auto clock = [&dut] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  unsigned last_times = 0;
  for (unsigned i = 0; i < 50'000; ++i) {
    const bool deadline = random() % 2 == 0;
    const auto doublings = static_cast<unsigned>(deadline ? 0 : random() % 16);
    const Time wait = deadline ? (random() & kTimeMask) >> random() % 52 : (random() & 0xffffffff) >> random() % 32;
    const Time now = random() % 2 != 0 ? kTimeMask - (random() >> (20 + random() % 40)) : random() & kTimeMask;
    dut.load_i = 1;
    dut.wait_i = wait;
    dut.doublings_i = doublings;
    dut.now_i = random() & kTimeMask;
    clock();
    dut.load_i = 0;
    dut.wait_i = random() & kTimeMask;
    dut.doublings_i = random() % 16;
    dut.now_i = now;
    for (unsigned cycle = 1; cycle < 3 + doublings; ++cycle) {
      dut.eval();
      REQUIRE_FALSE(dut.settled_o);
      clock();
    }
    const u128 later = static_cast<u128>(now) + (static_cast<u128>(wait) << doublings);
    for (unsigned rest = static_cast<unsigned>(random() % 4); rest != 0; --rest) clock();
    dut.eval();
    CAPTURE(now, wait, doublings);
    REQUIRE(dut.settled_o);
    REQUIRE(dut.later_o == static_cast<Time>(std::min<u128>(later, kTimeMask)));
    last_times += later > kTimeMask;
  }
  CHECK(last_times > 1000);
}
