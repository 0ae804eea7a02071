// SPDX-License-Identifier: Apache-2.0
// Rules S13 to S15: what is due, decided by v+5 and held (docs/architecture.md, "Visits").
#include <random>

#include "Vreveille_session_due.h"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

TEST_CASE("S13-S15: expiry, Wake Up, giving up, each at its edge and for its walk") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_due dut(&context);
  unsigned seen[4] = {};
  for (unsigned i = 0; i < 200'000; ++i) {
    const Time now =
        random() % 4 == 0 ? kTimeMask - (random() >> (24 + random() % 40)) : random() >> (12 + random() % 52);
    const auto near = [&] { return (now + random() % 3 - 1) & kTimeMask; };
    const bool edge = random() % 2 == 0;
    const auto sent = static_cast<unsigned>(random() % 16);
    const unsigned tries =
        random() % 2 != 0 ? sent + static_cast<unsigned>(random() % 2) : static_cast<unsigned>(random() % 16);
    const bool armed = random() % 4 != 0;
    const bool sweep = random() % 2 == 0;
    const std::uint64_t hop_doi = random() % 16, source = random() % 8;
    const Time next = edge ? near() : random() & kTimeMask;
    Entry entry{.client = static_cast<u128>(random()) << 64 | random(),
                .nonce = random() % 8 == 0 ? 0 : static_cast<std::uint32_t>(random()),
                .deadline = edge ? near() : random() & kTimeMask,
                .aux = source << 61 | static_cast<std::uint64_t>(armed) << 60 | hop_doi << 56 |
                       static_cast<std::uint64_t>(sent) << 52 | next,
                .phase = static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random() % 4)};
    dut.held_i = entry.nonce != 0;
    drive(dut.wake_state_i, {{entry.aux, 64}});
    dut.phase_i = entry.phase;
    dut.sweep_i = sweep;
    dut.live_i = random() % 2;
    dut.now_i = now;
    dut.wake_tries_i = tries & 15;
    dut.read_i = 1;
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    // v+4 and later: registers may change now.
    dut.read_i = 0;
    dut.live_i = entry.live(now);
    dut.wake_tries_i = random() % 16;
    for (unsigned wait = 2 + static_cast<unsigned>(random() % 3); wait != 0; --wait) {  // v+6, or later
      dut.clk_i = 0;
      dut.eval();
      dut.clk_i = 1;
      dut.eval();
      dut.live_i = random() % 2;
    }
    dut.eval();

    const bool expired = sweep && entry.nonce != 0 && now >= entry.deadline;
    const bool due = !sweep && entry.live(now) && entry.phase == kOutstanding && armed && now >= next;
    const bool try_again = sent < (tries & 15);
    CAPTURE(i, now, entry.deadline, next, sent, tries);
    REQUIRE(static_cast<bool>(dut.expire_o) == expired);
    REQUIRE(static_cast<bool>(dut.wake_o) == (due && try_again));
    REQUIRE(static_cast<bool>(dut.give_up_o) == (due && !try_again));
    REQUIRE(static_cast<bool>(dut.nothing_o) == (!expired && !due));
    ++seen[expired ? 1 : !due ? 0 : try_again ? 2 : 3];
  }
  for (const unsigned outcome : seen) CHECK(outcome > 1000);
}
