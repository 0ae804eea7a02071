// SPDX-License-Identifier: Apache-2.0
// Rules S10, S12 to S16 of the visits alone: which location is read, when the visit ends, what it writes and hands
// over.
#include <random>

#include "Vreveille_session_visits.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

namespace {

struct VisitsBench : Bench<Vreveille_session_visits> {
  explicit VisitsBench(unsigned seed) : Bench(static_cast<int>(seed)), random(seed) {
    dut->start_i = dut->wake_i = 0;
    dut->wake_tries_i = 2;
    dut->settled_i = 0;
    reset();
  }
  bool one_in(unsigned n) { return random() % n == 0; }

  /// A cycle; ready and free as they come.
  void cycle() {
    dut->event_ready_i = event_ready == 2 ? one_in(4) : event_ready;
    dut->wakeup_ready_i = wakeup_ready == 2 ? one_in(600) : wakeup_ready;
    dut->free_i = next_free;
    settle();
    event_waits = dut->event_valid_o;
    wakeup_waits = dut->wakeup_valid_o;
    if (event_waits) {
      Event got;
      unsigned verdict = 1;
      Fields(dut->event_o, 220)
          .take(got.kind, 3)
          .take(verdict, 5)
          .take(got.now, 52)
          .take(got.nonce, 32)
          .take(got.client, 128);
      REQUIRE(verdict == 0);
      REQUIRE(got == event.value());
    }
    if (wakeup_waits) {
      Wakeup got;
      Fields(dut->wakeup_o, 167)
          .take(got.client, 128)
          .take(got.nonce, 32)
          .take(got.hop, 3)
          .take(got.doi, 1)
          .take(got.source, 3);
      REQUIRE(got == wakeup.value());
    }
    if (event_waits && dut->event_ready_i) event.reset();
    if (wakeup_waits && dut->wakeup_ready_i) wakeup.reset();
  }
  void end() {
    REQUIRE(static_cast<bool>(dut->event_valid_o) == event_waits);
    tick();
    next_free = !one_in(3);
  }

  std::mt19937_64 random;
  unsigned event_ready = 2, wakeup_ready = 2;
  bool next_free = true, event_waits = false, wakeup_waits = false;
  std::optional<Event> event;  // that waits, from the next cycle on
  std::optional<Wakeup> wakeup;
};

}  // namespace

TEST_CASE("S10, S12-S16: visits of random entries") {
  VisitsBench bench(GENERATE(1U, 2U, 3U));
  Vreveille_session_visits& dut = *bench.dut;
  std::array<unsigned, 2> next{};
  Walk turn = Walk::sweep;
  unsigned seen[5] = {};
  for (unsigned i = 0; i < 30'000; ++i) {
    const bool s10 = bench.one_in(5);
    const Walk walk = s10 ? Walk::wake : turn;
    const unsigned where = s10 ? static_cast<unsigned>(bench.random() % 4096) : next[static_cast<unsigned>(walk)];
    const Time now = 1'000'000;
    Entry entry{.client = bench.random(),
                .nonce = bench.one_in(5) ? 0 : static_cast<std::uint32_t>(bench.random()),
                .deadline = now - 1 + bench.random() % 3,
                .aux = bench.random() << 60 | (bench.random() & 0xf) << 56 | bench.random() % 4 << 52 |
                       (now - 1 + bench.random() % 3),
                .phase = static_cast<std::uint8_t>(bench.random() % 2)};
    // Idle
    for (unsigned wait = bench.random() % 3; wait != 0; --wait) {
      bench.cycle();
      REQUIRE_FALSE(dut.busy_o);
      bench.end();
    }
    dut.start_i = !s10;
    dut.wake_i = s10;
    bench.cycle();
    if (!s10) REQUIRE(dut.walk_place_o == where);
    bench.end();
    dut.start_i = dut.wake_i = 0;
    dut.place_i = where;
    if (!s10) {  // the cycle in which the place becomes the address
      bench.cycle();
      REQUIRE(dut.busy_o);
      REQUIRE_FALSE(dut.read_o);
      bench.end();
    }
    // v
    for (bool read = false; !read;) {
      bench.cycle();
      REQUIRE(dut.busy_o);
      read = dut.read_o;
      REQUIRE(read == static_cast<bool>(dut.free_i));
      bench.end();
    }
    const bool live = entry.live(now);
    const bool expired = walk == Walk::sweep && entry.nonce != 0 && !live;
    const bool due = walk == Walk::wake && live && entry.phase == kOutstanding && (entry.aux >> 60 & 1) != 0 &&
                     now >= (entry.aux & kTimeMask);
    const bool fails = due && (entry.aux >> 52 & 15) >= 2;
    const bool wakes = due && !fails;
    const unsigned settled = 6 + static_cast<unsigned>(bench.random() % 16);  // the time of the next Wake Up is known
    bool stays = false, ordered = false;
    for (unsigned age = 1;; ++age) {
      if (age == 3) {
        drive(dut.entry_i,
              {{entry.nonce != 0, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 52}, {entry.aux, 64}});
        dut.phase_i = entry.phase;
        dut.now_i = now;
      }
      LaneFlags lanes[4];
      for (LaneFlags& lane : lanes) lane.live = bench.one_in(2);
      if (age == 4) lanes[(where >> 2 & 1) << 1 | (where & 1)].live = live;
      drive_flags(dut.flags_i, lanes);
      bench.cycle();
      if (!dut.busy_o) {
        FAIL("ended early");
      }
      dut.settled_i = age >= settled;
      bench.settle();
      REQUIRE(static_cast<bool>(dut.scale_o) == (age == 3));
      bool ends = false, empties = false, writes_aux = false;
      if (ordered) {  // from e+1 on
        ends = dut.free_i;
        if (ends && (expired || fails)) {
          bench.event = Event{expired ? kExpired : kWakeFailed, now, entry.nonce, entry.client};
        } else if (ends) {
          bench.wakeup = Wakeup{entry.client, entry.nonce, static_cast<std::uint8_t>(entry.aux >> 56 & 7),
                                (entry.aux >> 59 & 1) != 0, static_cast<std::uint8_t>(entry.aux >> 61)};
        }
      } else if (age >= 6) {
        const bool known = age >= settled;
        stays = wakes && known && bench.wakeup_waits;
        ends = stays || !(expired || due);
        empties = expired && !bench.event_waits;
        writes_aux = known && ((fails && !bench.event_waits) || (wakes && !bench.wakeup_waits));
        ordered = empties || writes_aux;
      }
      CAPTURE(i, age, expired, fails, wakes);
      REQUIRE(dut.parts_o == (static_cast<unsigned>(empties) << 3 | static_cast<unsigned>(writes_aux) << 2));
      if (writes_aux) REQUIRE(static_cast<bool>(dut.wakes_o) == wakes);
      REQUIRE(static_cast<bool>(dut.ends_o) == ends);
      bench.end();
      if (ends) break;
    }
    bench.settle();
    REQUIRE_FALSE(dut.busy_o);
    if (!s10) {
      turn = walk == Walk::sweep ? Walk::wake : Walk::sweep;
      unsigned& moves = next[static_cast<unsigned>(walk)];
      if (!stays) moves = (moves + 1) % 4096;
    }
    ++seen[expired ? 0 : fails ? 1 : stays ? 2 : wakes ? 3 : 4];
  }
  for (const unsigned outcome : seen) CHECK(outcome > 100);
}
