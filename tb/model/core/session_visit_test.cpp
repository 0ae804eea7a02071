// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/session_control_bench.hpp"

namespace reveille::core::test {
namespace {

constexpr std::uint64_t round_of_both = NonceStore::kSessions * 2 * visit_cycles;  // of nothing to do

TEST_CASE("Frame cycles delay a visit's read") {  // f(c)
  ControlBench bench;
  bench.frame_cycles = {r + 2, r + 3};
  bench.run_to(r + 2);
  Command command;
  CHECK(bench.run(command) == r + 13);  // v = r+4, Idle in r+11
}

TEST_CASE("The walks take turns from location 0 on, the sweep first") {  // S12
  ControlBench bench;
  bench.get_ready();
  for (unsigned i = 0; i < 4; ++i) {
    net::Address client = client4;
    client.octets[15] = static_cast<std::uint8_t>(i);
    // Even locations have expired, odd ones are due for a Wake Up.
    bench.store.write(i,
                      Entry{client, i % 2 == 0 ? 1000UL : 5000UL, WakeState{900, 0, 0, false, true, 0}.pack(), 7 + i});
  }
  bench.run_to(r + 90);
  REQUIRE(bench.events.size() == 2);
  REQUIRE(bench.jobs.size() == 2);
  CHECK(bench.events[0].value == 7);
  CHECK(bench.events[1].value == 9);
  CHECK(bench.jobs[0].nonce == 8);
  CHECK(bench.jobs[1].nonce == 10);
  // Sweep 0: v = r+2, w = v+7, Idle w+1 = r+10, the event is taken there. Wake walk 0 finds nothing, Idle r+19.
  CHECK(bench.event_cycles[0] == r + 10);
  // Sweep 1: Idle r+28; wake walk 1: v = r+30, w = r+37.
  CHECK(bench.wakeups[0] == r + 38);
}

TEST_CASE("A command gives way to one visit, and whose turn it is stays through a wake's own visit") {  // S10, S12
  ControlBench bench;
  bench.get_ready();
  bench.store.write(0, Entry{client6, 1000, 0, 7});  // expired
  bench.event_ready = false;                         // which the sweep's visit before the command finds
  bench.store.write(1, Entry{client6, 1000, 0, 8});
  const std::uint64_t v = bench.run(wake4());  // after the sweep's visit; the S10 visit ends in v+8
  bench.event_ready = true;
  bench.run_to(r + 100);
  REQUIRE(bench.events.size() == 2);  // the wake walk's visit, then the sweep's
  CHECK(bench.event_cycles[1] == v + 8 + visit_cycles + 10);
}

TEST_CASE("Wake Ups go out with doubling gaps, then the session is given up") {
  ControlBench bench;
  bench.config.wake_tries = 3;
  bench.get_ready();
  bench.run(wake4());
  std::vector<std::uint64_t> times;
  for (bench.time = 1000; bench.time < 1100; ++bench.time) {
    const std::size_t before = bench.wakeups.size();
    bench.run_to(bench.cycle + round_of_both + 200);
    for (std::size_t i = before; i < bench.wakeups.size(); ++i) times.push_back(bench.time);
    if (!bench.events.empty()) break;
  }
  CHECK(times == std::vector<std::uint64_t>{1000, 1010, 1030});
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].kind == EventKind::wake_failed);
  CHECK(bench.events[0].time == 1070);
  CHECK(bench.events[0].address == client4);
  CHECK(!WakeState::unpack(bench.store.entry(bench.control.result().location).aux).armed);
}

TEST_CASE("Back-off and its sum stop at the end of time") {
  ControlBench bench;
  bench.config.wake_interval = 0xFFFF'FFFF;
  bench.config.wake_tries = 15;
  bench.get_ready();
  bench.time = kTimeMask - 10;
  bench.store.write(5, Entry{client4, kTimeMask, WakeState{1000, 14, 3, true, true, 6}.pack(), 7});
  bench.run_to(r + 200);
  CHECK(bench.jobs.size() == 1);
  const WakeState wake = WakeState::unpack(bench.store.entry(5).aux);
  CHECK(wake.next == kTimeMask);
  CHECK(wake.sent == 15);
  CHECK(wake.source == 6);
}

TEST_CASE("The wake walk stays where a Wake Up finds the last one still waiting, and the sweep goes on") {  // S15
  ControlBench bench;
  bench.get_ready();
  bench.wakeup_ready = false;
  for (const unsigned at : {3U, 4U, 9U}) {
    net::Address client = client4;
    client.octets[15] = static_cast<std::uint8_t>(at);
    bench.store.write(at, Entry{client, 5000, WakeState{900, 0, 0, false, true, 0}.pack(), at});
  }
  bench.store.write(NonceStore::kSessions - 96, Entry{client6, 1000, 0, 99});
  bench.run_to(r + round_of_both + 1000);
  CHECK(bench.wakeups.empty());
  CHECK(WakeState::unpack(bench.store.entry(3).aux).sent == 1);
  CHECK(WakeState::unpack(bench.store.entry(4).aux).sent == 0);
  CHECK(WakeState::unpack(bench.store.entry(9).aux).sent == 0);
  CHECK(bench.events.size() == 1);
  bench.wakeup_ready = true;
  bench.run_to(bench.cycle + 250);
  REQUIRE(bench.jobs.size() == 3);
  CHECK(bench.jobs[0].nonce == 3);
  CHECK(bench.jobs[1].nonce == 4);
  CHECK(bench.jobs[2].nonce == 9);
}

TEST_CASE("What expires waits until the event before it is taken") {  // S14
  ControlBench bench;
  bench.get_ready();
  bench.event_ready = false;
  bench.store.write(0, Entry{client4, 1000, 0, 7});
  bench.store.write(1, Entry{client6, 1000, 0, 8});
  bench.run_to(r + 300);
  CHECK(bench.store.entry(0).nonce == 0);
  CHECK(bench.store.entry(1).nonce == 8);
  bench.event_ready = true;
  const std::uint64_t taken = bench.cycle;
  bench.step();  // in the cycle in which it is taken the event still waits
  bench.step();  // e
  CHECK(bench.store.entry(1).nonce == 8);
  bench.step();  // w
  CHECK(bench.store.entry(1).nonce == 0);
  bench.run_to(taken + 5);
  CHECK(bench.event_cycles == std::vector<std::uint64_t>{taken, taken + 3});
}

TEST_CASE("An event that waits for a free cycle to write waits for the cycle alone") {
  ControlBench bench;
  bench.get_ready();
  bench.store.write(0, Entry{client4, 1000, 0, 7});
  bench.frame_cycles = {r + 9, r + 10};  // v = r+2, e = r+8, w = r+11
  bench.run_to(r + 20);
  CHECK(bench.event_cycles == std::vector<std::uint64_t>{r + 12});
}

TEST_CASE("The more Wake Ups were sent, the later a visit writes") {  // S15
  const unsigned sent = GENERATE(0U, 1U, 14U, 15U);
  const bool gives_up = GENERATE(false, true);
  const bool waits = !gives_up && GENERATE(false, true);
  if (sent == 15 && !gives_up) return;
  ControlBench bench;
  bench.config.wake_tries = gives_up ? sent : 15;
  bench.get_ready();
  bench.store.write(0, Entry{client4, 5000, WakeState{900, sent, 0, false, true, 0}.pack(), 7});
  if (waits) {  // for the second visit of the wake walk
    bench.wakeup_ready = false;
    bench.store.write(1, bench.store.entry(0));
  }
  const std::uint64_t e = r + 11 + 6 + sent;  // v = r+11
  bench.run_to(e + 1);
  CHECK(WakeState::unpack(bench.store.entry(0).aux).next == 900);
  bench.step();  // w
  const WakeState wake = WakeState::unpack(bench.store.entry(0).aux);
  CHECK(wake.next == 1000 + (10UL << sent));
  CHECK(wake.armed == !gives_up);
  CHECK(wake.sent == (gives_up ? sent : sent + 1));
  bench.step();
  CHECK(bench.event_cycles.size() == (gives_up ? 1 : 0));
  CHECK(bench.wakeups.size() == (gives_up || waits ? 0 : 1));
  if (!waits) return;
  // Idle in e+2; the sweep, then the wake walk: v = e+2+9+2, and Idle again seven cycles later or s more.
  Command none;
  bench.run_to(e + 2 + visit_cycles + 1);
  CHECK(bench.run(none) == e + 2 + visit_cycles + 2 + 6 + sent + 1 + 2);
}

TEST_CASE("Registers count in v+3") {
  const unsigned change = GENERATE(2U, 3U, 4U);
  ControlBench bench;
  bench.get_ready();
  bench.store.write(0, Entry{client4, 5000, WakeState{900, 0, 0, false, true, 0}.pack(), 7});
  // The wake walk's first visit: v = r+11.
  bench.run_to(r + 11 + change);
  bench.config.wake_tries = 0;
  bench.run_to(r + 40);
  CHECK(bench.jobs.size() == (change > 3 ? 1 : 0));
  CHECK(bench.events.size() == (change > 3 ? 0 : 1));
}

TEST_CASE("A session that is dead, answered or not armed has no Wake Up") {
  ControlBench bench;
  bench.get_ready();
  bench.event_ready = false;
  const WakeState due{900, 0, 0, false, true, 0};
  WakeState off = due;
  off.armed = false;
  bench.store.write(0, Entry{client6, 1000, 0, 1});  // its event keeps waiting, and the sweep with the next
  bench.store.write(1, Entry{client4, 5000, off.pack(), 2});
  bench.store.write(2, Entry{client4, 5000, due.pack(), 3});
  bench.store.write(2, EntryState{Phase::in_service, 2, 0});
  bench.store.write(3, Entry{client4, 5000, WakeState{1001, 0, 0, false, true, 0}.pack(), 4});
  bench.run_to(r + round_of_both);
  CHECK(bench.jobs.empty());
  bench.time = 1001;
  bench.run_to(bench.cycle + round_of_both);
  CHECK(bench.jobs.size() == 1);
}

}  // namespace
}  // namespace reveille::core::test
