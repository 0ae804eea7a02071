// SPDX-License-Identifier: Apache-2.0
// Rules S13 and S14: what is due, decided by v+5 and held (docs/architecture.md, "Visit").
#include <random>

#include "Vreveille_session_visit.h"
#include "catch.hpp"
#include "guard/session_reference.hpp"

using namespace reveille::tb;

TEST_CASE("S13, S14: expiry, Wake Up, giving up, each at its edge") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_visit dut(&context);
  unsigned seen[4] = {};
  for (unsigned i = 0; i < 200'000; ++i) {
    const Time now = random() >> (16 + random() % 48);
    const auto near = [&] { return (now + random() % 3 - 1) & kTimeMask; };
    const bool edge = random() % 2 == 0;
    const auto sent = static_cast<unsigned>(random() % 16);
    const unsigned tries =
        random() % 2 != 0 ? sent + static_cast<unsigned>(random() % 2) : static_cast<unsigned>(random() % 16);
    const auto interval = static_cast<std::uint32_t>(random() >> (32 + random() % 32));
    const bool armed = random() % 4 != 0;
    const std::uint64_t hop_doi = random() % 16;
    const Time next = edge ? near() : random() & kTimeMask;
    Entry entry{
        .client = static_cast<u128>(random()) << 64 | random(),
        .nonce = random() % 8 == 0 ? 0 : static_cast<std::uint32_t>(random()),
        .deadline = edge ? near() : random() & kTimeMask,
        .aux = static_cast<std::uint64_t>(armed) << 56 | hop_doi << 52 | static_cast<std::uint64_t>(sent) << 48 | next,
        .phase = static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random() % 4)};
    drive(dut.entry_i,
          {{entry.nonce != 0, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 48}, {entry.aux, 64}});
    dut.phase_i = entry.phase;
    dut.held_i = entry.nonce != 0;
    dut.in_time_i = now < entry.deadline;
    dut.now_i = now;
    dut.wake_tries_i = tries & 15;
    dut.wake_interval_i = interval;
    dut.decide_i = 1;
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    // v+4 and later: registers may change now.
    dut.decide_i = 0;
    dut.held_i = random() % 2;
    dut.in_time_i = random() % 2;
    dut.wake_tries_i = random() % 16;
    dut.wake_interval_i = static_cast<std::uint32_t>(random());
    for (unsigned wait = 2 + static_cast<unsigned>(random() % 3); wait != 0; --wait) {
      dut.clk_i = 0;
      dut.eval();
      dut.clk_i = 1;
      dut.eval();
    }
    dut.eval();

    const bool expired = entry.nonce != 0 && now >= entry.deadline;
    const bool due = entry.live(now) && entry.phase == kOutstanding && armed && now >= next;
    const bool try_again = sent < (tries & 15);
    CAPTURE(i, now, entry.deadline, next, sent, tries);
    REQUIRE(static_cast<bool>(dut.expire_o) == expired);
    REQUIRE(static_cast<bool>(dut.wake_o) == (due && try_again));
    REQUIRE(static_cast<bool>(dut.give_up_o) == (due && !try_again));
    ++seen[expired ? 1 : !due ? 0 : try_again ? 2 : 3];

    std::uint64_t aux = 0;
    Fields(dut.aux_o, 64).take(aux, 64);
    if (due && try_again) {
      const auto after = static_cast<u128>(now) + (static_cast<u128>(interval) << sent);
      REQUIRE(aux == (std::uint64_t{1} << 56 | hop_doi << 52 | static_cast<std::uint64_t>(sent + 1) << 48 |
                      (static_cast<std::uint64_t>(after) & kTimeMask)));
      Wakeup wakeup;
      Fields(dut.wakeup_o, 164).take(wakeup.client, 128).take(wakeup.nonce, 32).take(wakeup.hop, 3).take(wakeup.doi, 1);
      REQUIRE(wakeup == Wakeup{entry.client, entry.nonce, static_cast<std::uint8_t>(hop_doi & 7), hop_doi >= 8});
    } else if (due) {
      REQUIRE(aux == (entry.aux & ~(std::uint64_t{1} << 56)));
    }
    if (expired || (due && !try_again)) {
      Event event;
      unsigned verdict = 1;
      Fields(dut.event_o, 215)
          .take(event.kind, 2)
          .take(verdict, 5)
          .take(event.now, 48)
          .take(event.nonce, 32)
          .take(event.client, 128);
      REQUIRE(verdict == 0);
      REQUIRE(event == Event{expired ? kExpired : kWakeFailed, now, entry.nonce, entry.client});
    }
  }
  for (const unsigned outcome : seen) CHECK(outcome > 1000);
}
