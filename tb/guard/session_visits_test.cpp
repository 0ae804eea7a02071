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
    dut->wake_interval_i = 100;
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
    const unsigned wake_place = static_cast<unsigned>(bench.random() % 4096);
    const unsigned where = s10 ? wake_place : next[static_cast<unsigned>(walk)];
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
    dut.wake_place_i = s10 ? wake_place : static_cast<unsigned>(bench.random() % 4096);
    bench.cycle();
    unsigned address = 0;
    Fields(dut.read_o, 23).next(3);
    if (!s10) {
      Fields read(dut.read_o, 23);
      read.next(13);
      address = static_cast<unsigned>(read.next(10));
      REQUIRE(address == ((where >> 3) << 1 | (where >> 1 & 1)));
    }
    bench.end();
    dut.start_i = dut.wake_i = 0;
    // v
    for (bool read = false; !read;) {
      bench.cycle();
      REQUIRE(dut.busy_o);
      REQUIRE(dut.reading_o);
      unsigned lane = 0;
      Fields(dut.read_o, 23).take(read, 1).take(lane, 2);
      REQUIRE(read == static_cast<bool>(dut.free_i));
      REQUIRE(lane == ((where >> 2 & 1) << 1 | (where & 1)));
      bench.end();
    }
    dut.now_i = now;
    const bool live = entry.live(now);
    const bool expired = walk == Walk::sweep && entry.nonce != 0 && !live;
    const bool due = walk == Walk::wake && live && entry.phase == kOutstanding && (entry.aux >> 60 & 1) != 0 &&
                     now >= (entry.aux & kTimeMask);
    const bool fails = due && (entry.aux >> 52 & 15) >= 2;
    const bool wakes = due && !fails;
    bool stays = false;
    for (unsigned age = 1;; ++age) {
      if (age == 3) {
        drive(dut.entry_i,
              {{entry.nonce != 0, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 52}, {entry.aux, 64}});
        dut.phase_i = entry.phase;
      }
      LaneFlags lanes[4];
      for (LaneFlags& lane : lanes) lane.live = bench.one_in(2);
      if (age == 4) lanes[(where >> 2 & 1) << 1 | (where & 1)].live = live;
      drive_flags(dut.flags_i, lanes);
      bench.cycle();
      if (!dut.busy_o) {
        FAIL("ended early");
      }
      bool ends = age >= 5;
      bool empties = false, writes_aux = false;
      if (expired || fails) {
        ends = ends && dut.free_i && !bench.event_waits;
        empties = ends && expired;
        writes_aux = ends && fails;
        if (ends) bench.event = Event{expired ? kExpired : kWakeFailed, now, entry.nonce, entry.client};
      } else if (wakes) {
        ends = ends && dut.free_i;
        stays = ends && bench.wakeup_waits;
        writes_aux = ends && !stays;
        if (writes_aux) {
          bench.wakeup = Wakeup{entry.client, entry.nonce, static_cast<std::uint8_t>(entry.aux >> 56 & 7),
                                (entry.aux >> 59 & 1) != 0, static_cast<std::uint8_t>(entry.aux >> 61)};
        }
      }
      CAPTURE(i, age, expired, fails, wakes);
      REQUIRE(static_cast<bool>(dut.empties_o) == empties);
      REQUIRE(static_cast<bool>(dut.writes_aux_o) == writes_aux);
      if (empties || writes_aux) REQUIRE(dut.place_o == where);
      if (writes_aux) {
        const std::uint64_t sent = entry.aux >> 52 & 15;
        const std::uint64_t expected = fails ? entry.aux & ~(std::uint64_t{1} << 60)
                                             : (entry.aux >> 56 << 56) | (sent + 1) << 52 | (now + (100U << sent));
        std::uint64_t aux = 0;
        Fields(dut.aux_o, 64).take(aux, 64);
        REQUIRE(aux == expected);
      }
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
