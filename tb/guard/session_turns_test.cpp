// SPDX-License-Identifier: Apache-2.0
// Rules S12-S15 of docs/timing/guard.md and bound B3: whose turn it is, what visits do, and that nobody starves; every
// output in every cycle, by SessionControlBench.
#include <cstdio>

#include "guard/session_control_ready.hpp"

using namespace reveille::tb;

TEST_CASE("S13-S15: tries, back-off, giving up, expiry") {
  ReadyBench bench;
  bench.in.wake_interval = 200'000;  // the wake walk takes some 74,000 cycles
  bench.in.time = 1;
  bench.command(wake(3'000'000));
  std::vector<Time> sent;
  std::vector<Event> events;
  while (events.size() < 2) {
    ++bench.in.time;
    bench.step();
    if (bench.out.wakeup) sent.push_back(bench.in.time);
    if (bench.out.event) events.push_back(*bench.out.event);
  }
  REQUIRE(sent.size() == 3);
  constexpr Time walk = 2 * 4096 * 9 + 40;
  CHECK((sent[1] - sent[0] >= 199'980 && sent[1] - sent[0] < 200'000 + walk));
  CHECK((sent[2] - sent[1] >= 399'980 && sent[2] - sent[1] < 400'000 + walk));
  CHECK(events[0].kind == kWakeFailed);
  CHECK((events[0].now - sent[2] >= 799'980 && events[0].now - sent[2] < 800'000 + walk));
  CHECK(events[1].kind == kExpired);
  CHECK((events[1].now >= 3'000'001 && events[1].now < 3'000'001 + walk));
}

TEST_CASE("S12, S13: the walks take turns, nine cycles a visit, each 0, 1, ... 4095, 0") {
  ReadyBench bench;
  std::uint64_t last = bench.visited();
  auto [walk, where] = *bench.out.visited;
  CHECK(where < 2);
  for (unsigned i = 0; i < 2 * 4100; ++i) {
    const std::uint64_t v = bench.visited();
    REQUIRE(v == last + 9);
    const auto [next_walk, next] = *bench.out.visited;
    REQUIRE(next_walk != walk);
    if (next_walk == Walk::wake) REQUIRE(next == where);
    if (next_walk == Walk::sweep) REQUIRE(next == (where + 1) % 4096);
    walk = next_walk;
    where = next;
    last = v;
  }
}

TEST_CASE("S12: the first visit is the sweep's; a command and S10's visit change no turn") {
  SessionControlBench bench(4);
  bench.in.nonce_valid = bench.in.seeded = true;
  bench.in.nonce = 0x77;
  bench.in.wake_tries = 1;
  bench.until([&] { return bench.out.visited.has_value(); });
  CHECK(bench.out.visited == std::pair(Walk::sweep, 0U));
  bench.until([&] { return bench.out.visited.has_value(); });
  CHECK(bench.out.visited == std::pair(Walk::wake, 0U));
  bench.in.command = wake();
  bench.in.command_valid = true;
  bench.until([&] { return bench.out.done; });
  CHECK(bench.out.s10);
  // S10's visit lies between this command and the next.
  bench.in.command = on(kRead);
  const std::uint64_t done = bench.cycle - 1;
  CHECK(bench.until([&] { return bench.out.done; }) == done + 8 + 8 + 7 + 2 + 5);
  bench.in.command_valid = false;
  bench.until([&] { return bench.out.visited.has_value(); });
  CHECK(bench.out.visited == std::pair(Walk::sweep, 1U));
}

TEST_CASE("S14: an expiry waits for the event before it, and nothing else does") {
  ReadyBench bench;
  std::mt19937_64 random(6);
  const Clients clients(bench.tables(), random, 20);
  for (unsigned i = 5; i < 9; ++i) {
    Command command = restore(clients.others[i], kRecovered);
    command.lifetime = 10;
    bench.command(command);
  }
  bench.in.event_ready = false;
  bench.in.time = 20;
  bench.until([&] { return bench.out.event.has_value(); });
  const Event first = *bench.out.event;
  bench.run(80'000);  // a whole walk; the sweep stands at the second
  CHECK(*bench.out.event == first);
  CHECK(bench.coverage.waits > 79'000);
  bench.in.event_ready = true;
  std::vector<std::uint32_t> events;
  std::optional<std::uint64_t> last;
  for (unsigned i = 0; i < 100'000 && events.size() < 4; ++i) {
    bench.step();
    if (!bench.out.event) continue;
    events.push_back(bench.out.event->nonce);
    if (events.size() == 2)
      CHECK(bench.cycle == *last + 3);  // taken in e-1, the next begins in w = e+1: offered in w+1
    last = bench.cycle;
  }
  CHECK(events.size() == 4);
  bench.finish();
}

TEST_CASE("S15: Wake Ups are sent in the order of locations; the walk stands still, the sweep and commands go on") {
  ReadyBench bench;
  std::mt19937_64 random(6);
  const Clients clients(bench.tables(), random, 20);
  std::vector<std::pair<unsigned, u128>> order;
  for (unsigned i = 5; i < 13; ++i) {
    bench.command(restore(clients.others[i], kOutstanding));
    order.emplace_back(bench.out.result.location, clients.others[i]);
  }
  std::sort(order.begin(), order.end());
  // The last of them is where the walk begins; wait for the walk to have passed all, then hold the framer.
  bench.in.wakeup_ready = true;
  bench.run(90'000);
  CHECK(bench.coverage.wakeups == 8);
  bench.until([&] { return bench.out.visited == std::pair(Walk::wake, 4095U); });
  bench.in.wake_interval = 1 << 30;
  bench.in.time = 10'000;
  bench.in.wakeup_ready = false;
  std::vector<u128> sent;
  while (sent.size() < order.size()) {
    bench.until([&] { return bench.out.wakeup.has_value(); });
    std::optional<unsigned> stands;
    unsigned sweeps = 0;
    for (unsigned i = 0; i < 80'000; ++i) {
      bench.step();
      if (!bench.out.visited) continue;
      const auto [walk, where] = *bench.out.visited;
      sweeps += walk == Walk::sweep;
      if (walk == Walk::wake && i > 78'000) {
        if (stands) REQUIRE(*stands == where);
        stands = where;
      }
    }
    CHECK(sweeps > 4000);
    if (sent.size() + 1 < order.size()) CHECK(stands == order[sent.size() + 1].first);
    bench.command(on(kRead, order[0].second));
    CHECK(bench.out.result.code == kOk);
    sent.push_back(bench.out.wakeup->client);
    bench.in.wakeup_ready = true;
    bench.step();
    bench.in.wakeup_ready = false;
    if (sent.size() < order.size()) break;
  }
  for (unsigned i = 1; i < order.size(); ++i) {
    bench.until([&] { return bench.out.wakeup.has_value(); });
    sent.push_back(bench.out.wakeup->client);
    bench.in.wakeup_ready = true;
    bench.step();
    bench.in.wakeup_ready = false;
  }
  for (unsigned i = 0; i < order.size(); ++i) CHECK(sent[i] == order[i].second);
  bench.finish();
}

TEST_CASE("No starvation: frames of seven beats without a gap") {
  ReadyBench bench;
  Lookups lookups;
  const auto step = [&] {
    lookups.step(true);
    bench.in.free = lookups.free();
    bench.step();
  };
  for (unsigned i = 0; i < 50; ++i) {
    bench.in.command = i % 2 == 0 ? wake() : on(kClose);
    bench.in.command_valid = false;
    for (unsigned k = 0; k <= i % 7; ++k) step();
    bench.in.command_valid = true;
    const std::uint64_t first = bench.cycle;
    do step();
    while (!bench.out.done);
    CHECK(bench.out.result.code == kOk);
    CHECK(bench.cycle - first < 60);
  }
}

TEST_CASE("B3: visits under look-ups of every spacing, commands back to back, the log ready in every sixth cycle") {
  Manners manners;
  manners.nonce_per_mille = 1000;
  manners.unseeded_per_mille = 0;
  manners.idle_host_percent = 0;
  Traffic traffic(8, manners);
  SessionControlBench bench(8);
  Lookups lookups;
  std::uint64_t last_visit = 0, last_lookup = 0, worst = 0;
  const auto step = [&](unsigned spacing) {
    bench.in = traffic.next(bench.out);
    bench.in.event_ready = bench.cycle % 6 == 0;
    const bool lookup = bench.cycle >= last_lookup + spacing;
    if (lookup) last_lookup = bench.cycle;
    lookups.step(lookup);
    bench.in.free = lookups.free();
    bench.step();
    if (!bench.out.visited) return;
    if (last_visit != 0) worst = std::max(worst, bench.cycle - last_visit);
    last_visit = bench.cycle;
  };
  for (unsigned spacing = 7; spacing <= 64; ++spacing) {
    for (unsigned i = 0; i < 3'000; ++i) step(spacing);
    for (unsigned i = 0; i < 1'000; ++i) step(7 + traffic.below(spacing));
  }
  CHECK(bench.coverage.expired + bench.coverage.wake_failed > 50);
  std::printf("B3 a visit from the one before: worst %llu of 100 cycles\n", static_cast<unsigned long long>(worst));
  CHECK(worst <= 100);
}
