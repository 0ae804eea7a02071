// SPDX-License-Identifier: Apache-2.0
// Rules S1-S11, S16 of docs/timing/guard.md, and all of them at random: every output in every cycle, by
// SessionControlBench. session_turns_test.cpp has the visits, session_guard_test.cpp the real store.
#include "guard/session_control_ready.hpp"

using namespace reveille::tb;

TEST_CASE("S1, S2: the store is cleared, then 4,096 nonces fill the hash tables, a cycle a nonce at most") {
  const bool slow = GENERATE(false, true);
  SessionControlBench bench(1);
  std::mt19937_64 random(2);
  const std::vector<std::uint32_t> nonces = random_nonces(random);
  bench.in.nonce_valid = true;
  bench.run(1024);
  CHECK_FALSE(bench.out.nonce_ready);
  CHECK_FALSE(bench.out.cleared);
  std::size_t taken = 0;
  while (!bench.out.ready) {
    bench.in.nonce_valid = !slow || random() % 3 == 0;
    bench.in.nonce = taken < nonces.size() ? nonces[taken] : 0;
    bench.step();
    taken += bench.out.nonce_ready && bench.in.nonce_valid;
  }
  CHECK(taken == kHashWords);
  if (!slow) CHECK(bench.cycle - 1 == 1024 + kHashWords + 1);
  CHECK(bench.tables() == tables_of(nonces));
  bench.in.nonce_valid = false;
  bench.run(80'000);  // every entry visited by both walks, and empty
  CHECK(bench.coverage.expired + bench.coverage.wakeups == 0);
  bench.finish();
}

TEST_CASE("S3: a command before ready is refused in the next cycle, and start-up goes on") {
  SessionControlBench bench(2);
  bench.in.nonce_valid = true;
  bench.in.command = on(kRead);
  bench.in.command_valid = true;
  bench.run(2);
  CHECK(bench.out.done);
  CHECK(bench.out.result.code == kNotReady);
  bench.step();
  CHECK_FALSE(bench.out.done);  // not looked at in its own done cycle
  bench.step();
  CHECK(bench.out.done);
  bench.until([&] { return bench.out.ready; });
  CHECK(bench.cycle - 1 == 1024 + kHashWords + 1);
}

TEST_CASE("S4, S12: what is known at once; then a visit before the next command") {
  ReadyBench bench;
  const auto [command, code] = GENERATE(table<Command, Code>({
      {on(kNone), kBadArgument},
      {wake(0), kBadArgument},
      {Command{.opcode = kRestore, .client = kClient, .lifetime = 5}, kBadArgument},
      {Command{.opcode = kWake, .client = u128{0xffff} << 32, .lifetime = 5}, kBadArgument},
      {wake(), kNotReady},
      {wake(0), kNotReady},
  }));
  bench.in.ipv4_enable = false;
  bench.in.seeded = code != kNotReady;
  bench.visited();  // v
  // Idle in c = v+7; a command first seen in v+1 to c-1 is looked at in c+1.
  const unsigned wait = GENERATE(0U, 3U, 5U);
  bench.in.command = command;
  bench.run(wait);
  const std::uint64_t v = bench.cycle - 1 - wait;
  bench.in.command_valid = true;
  const std::uint64_t done = bench.until([&] { return bench.out.done; });
  CHECK(done == v + 7 + 2);
  CHECK(bench.out.result == Result{.code = code});
  const bool again = GENERATE(false, true);
  bench.in.command_valid = again;
  CHECK(bench.visited() == done + 2);
  if (again) CHECK(bench.until([&] { return bench.out.done; }) == done + 2 + 7 + 2);
}

TEST_CASE("S5: a wake waits for its nonce in Idle while visits go on") {
  ReadyBench bench;
  bench.in.nonce_valid = false;
  bench.in.command = wake();
  bench.visited();
  bench.in.command_valid = true;
  const std::uint64_t first = bench.cycle;
  unsigned visits = 0;
  const auto run = [&](std::uint64_t cycles) {
    while (cycles-- != 0) {
      bench.step();
      visits += bench.out.visited.has_value();
      CHECK_FALSE(bench.out.nonce_ready);
      CHECK_FALSE(bench.out.done);
    }
  };
  SECTION("a nonce comes") {
    run(1000);
    CHECK(visits == 111);
    bench.in.nonce_valid = true;
    bench.in.nonce = 0x5eed;
    const std::uint64_t looked_at = bench.until([&] { return bench.out.nonce_ready; });
    bench.in.nonce_valid = false;
    const std::uint64_t done = bench.until([&] { return bench.out.done; });
    CHECK(done == looked_at + 6 + 7 + 2 + 1);  // looked_at = c+2, a = c+8, g = a+7, w = g+2
    CHECK(bench.out.result.code == kOk);
    CHECK(bench.out.result.entry.nonce == 0x5eed);
  }
  SECTION("the generator fails meanwhile") {
    run(1000);
    bench.in.seeded = false;
    bench.until([&] { return bench.out.done; }, 14);
    CHECK(bench.out.result.code == kNotReady);
  }
  SECTION("none comes: looked at after 65,536 cycles") {
    run(65'536);
    const std::uint64_t done = bench.until([&] { return bench.out.done; }, 16);
    CHECK(done >= first + 65'536 + 4);
    CHECK(bench.out.result.code == kNotReady);
    CHECK(visits > 7000);
  }
  SECTION("none comes, but in the last cycle") {
    run(65'536);
    bench.in.nonce_valid = true;
    bench.until([&] { return bench.out.done; });
    CHECK(bench.out.result.code == kOk);
  }
  SECTION("one that is withdrawn before it is accepted") {
    run(12);  // Idle, twice
    while (!(bench.out.visited)) run(1);
    run(5);
    bench.in.nonce_valid = true;
    bench.run(2);  // c-1, c
    bench.in.nonce_valid = false;
    bench.run(2);
    CHECK(bench.out.nonce_ready);
    bench.step();
    CHECK(bench.out.done);
    CHECK(bench.out.result.code == kNotReady);
  }
}

TEST_CASE("S6-S11, S16: a session's life without frames in the way") {
  ReadyBench bench;
  bench.in.time = 5000;
  bench.visited();
  bench.in.command = wake(700);
  bench.run(5);
  bench.in.command_valid = true;
  const std::uint64_t c = bench.cycle + 1;  // Idle, v+7
  const std::uint64_t done = bench.until([&] { return bench.out.done; });
  bench.in.command_valid = false;
  // x = c+1, y = x+6, a = y+1, g = a+7, w = g+2, done = w+1
  CHECK(done == c + 8 + 7 + 2 + 1);
  const Rows rows = hash(bench.tables(), kClient);
  CHECK(bench.out.result == Result{kOk, location(rows.row0, 0, 0), Entry{.nonce = 0xabcd}});
  // S10: its visit's v is the done cycle; it hands over the job in w = v+7, which is offered in w+1.
  CHECK(bench.out.visited == std::pair(Walk::wake, location(rows.row0, 0, 0)));
  CHECK(bench.until([&] { return bench.out.wakeup.has_value(); }) == done + 8);
  CHECK(*bench.out.wakeup == Wakeup{kClient, 0xabcd, 5, true, 6});

  bench.command(wake());
  CHECK(bench.out.result == Result{.code = kLive});
  bench.command(on(kReply));
  CHECK(bench.out.result == Result{.code = kWrongState});
  bench.command(on(kReject));
  CHECK(bench.out.result == Result{.code = kWrongState});

  const auto frame_accepts = [&] {
    bench.in.free = false;
    bench.frame_writes(location(rows.row0, 0, 0), kInService, 2);
    bench.frame_counts(location(rows.row0, 0, 0), 300);
    bench.step();
    bench.in.free = true;
  };
  frame_accepts();
  bench.command(on(kReject));
  CHECK(bench.out.result == Result{});
  bench.command(on(kRead));
  CHECK(bench.out.result.code == kOk);
  CHECK(bench.out.result.entry == Entry{kClient, 0xabcd, 5700,
                                        std::uint64_t{6} << 61 | std::uint64_t{1} << 60 | std::uint64_t{1} << 59 |
                                            std::uint64_t{5} << 56 | std::uint64_t{1} << 52 | 6000,
                                        kOutstanding, 2, 300});
  frame_accepts();
  bench.command(on(kReply));
  CHECK(bench.out.result == Result{});
  Command read = on(kReadLocation);
  read.location = location(rows.row0, 0, 0);
  bench.command(read);
  CHECK(bench.out.result ==
        Result{kOk, read.location, Entry{kClient, 0xabcd, 5700, 0x1122334455667788, kReplied, 2, 300}});

  SECTION("at its deadline it is dead: not found by client, still there by location until the sweep comes") {
    bench.in.time = 5700;
    bench.command(on(kClose));
    CHECK(bench.out.result == Result{.code = kNotFound});
    bench.command(on(kRead));
    CHECK(bench.out.result == Result{.code = kNotFound});
    bench.command(read);
    CHECK(bench.out.result.code == kOk);
    bench.until([&] { return bench.out.event.has_value(); });
    CHECK(*bench.out.event == Event{kExpired, 5700, 0xabcd, kClient});
    bench.command(read);
    CHECK(bench.out.result == Result{.code = kNotFound});
  }
  SECTION("one microsecond before it lives, and can be closed") {
    bench.in.time = 5699;
    bench.command(on(kClose));
    CHECK(bench.out.result == Result{});
    bench.command(read);
    CHECK(bench.out.result == Result{.code = kNotFound});
  }
  SECTION("the dead session's way is taken again, not a lower one of the other bank; its count begins anew") {
    bench.in.time = 6000;
    bench.command(restore(kClient, kRecovered));
    CHECK(bench.out.result == Result{kOk, read.location, Entry{.nonce = 77}});
    bench.command(on(kRead));
    CHECK(bench.out.result.entry == Entry{kClient, 77, 1'006'000, 0xfeed, kRecovered, 2, 0});
  }
  bench.finish();
}

TEST_CASE("Time does not wrap: a deadline and a next Wake Up beyond 52 bits are the last microsecond") {
  ReadyBench bench;
  bench.in.time = kTimeMask - 10'000;
  const Time lifetime = GENERATE(Time{9'999}, Time{10'000}, Time{10'001}, kTimeMask);
  bench.in.wake_interval = GENERATE(9'999U, 10'000U, 10'001U, 0xffffffffU);
  bench.command(wake(lifetime));
  bench.run(20);
  bench.command(on(kRead));
  CHECK(bench.out.result.entry.deadline == kTimeMask - 10'000 + std::min<Time>(lifetime, 10'000));
  CHECK((bench.out.result.entry.aux & kTimeMask) ==
        kTimeMask - 10'000 + std::min<Time>(bench.in.wake_interval, 10'000));
  CHECK((bench.out.result.entry.aux >> 52 & 15) == 1);
}

TEST_CASE("Insert: the emptier bank, bank 0 when equal, its lowest way; the ninth is refused") {
  ReadyBench bench;
  std::mt19937_64 random(5);
  const Clients clients(bench.tables(), random, 8);
  REQUIRE(clients.crowded.size() >= 10);
  const Rows rows = hash(bench.tables(), clients.crowded[0]);
  for (unsigned i = 0; i < 8; ++i) {
    bench.command(restore(clients.crowded[i], static_cast<Phase>(i % 4)));
    CHECK(bench.out.result.code == kOk);
    CHECK(bench.out.result.location == location(i % 2 == 0 ? rows.row0 : rows.row1, i % 2, i / 2));
  }
  bench.command(restore(clients.crowded[8], kOutstanding));
  CHECK(bench.out.result == Result{.code = kFull});
  bench.command(restore(clients.crowded[3], kOutstanding));
  CHECK(bench.out.result == Result{.code = kLive});
  bench.command(on(kClose, clients.crowded[5]));  // bank 1, way 2
  bench.command(restore(clients.crowded[8], kOutstanding));
  CHECK(bench.out.result.location == location(rows.row1, 1, 2));
  bench.command(on(kClose, clients.crowded[7]));  // bank 1, way 3
  bench.command(on(kClose, clients.crowded[4]));  // bank 0, way 2
  bench.command(restore(clients.crowded[9], kOutstanding));
  CHECK(bench.out.result.location == location(rows.row0, 0, 2));
  bench.finish();
}

TEST_CASE("Insert: a dead session keeps its way until the sweep has told of it, but for its own client") {
  ReadyBench bench;
  std::mt19937_64 random(5);
  const Clients clients(bench.tables(), random, 8);
  for (unsigned i = 0; i < 8; ++i) {
    Command command = restore(clients.crowded[i], kRecovered);
    command.lifetime = 10;
    bench.command(command);
  }
  bench.in.time = 10;  // all are dead; the sweep is elsewhere
  bench.command(restore(clients.crowded[8], kOutstanding));
  CHECK(bench.out.result == Result{.code = kFull});
  bench.command(restore(clients.crowded[7], kOutstanding));
  CHECK(bench.out.result.code == kOk);
  bench.run(80'000);
  CHECK(bench.coverage.expired == 7);
  bench.command(restore(clients.crowded[8], kOutstanding));
  CHECK(bench.out.result.code == kOk);
  bench.finish();
}

TEST_CASE("Random commands, frames, time and registers") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4, 5, 6);
  CAPTURE(seed);
  Manners manners;
  manners.time_step = seed % 2 == 0 ? 1 : 20;
  manners.time_jump_per_mille = seed == 3 ? 1 : 0;
  manners.nonce_per_mille = seed == 4 ? 3 : 600;
  manners.idle_host_percent = seed == 5 ? 99 : 20;
  manners.busy_percent = seed == 6 ? 95 : 30;
  Traffic traffic(seed, manners);
  SessionControlBench bench(seed);
  Lookups lookups;
  std::vector<unsigned> inserted;
  const unsigned load = seed == 1 ? 0 : seed == 2 ? 100 : 15;
  for (unsigned i = 0; i < 120'000; ++i) {
    bench.in = traffic.next(bench.out);
    lookups.step(traffic.percent(load));
    bench.in.free = lookups.free();
    if (lookups.at(14) && !inserted.empty()) {
      const unsigned where = inserted[traffic.below(static_cast<unsigned>(inserted.size()))];
      const Entry entry = bench.store()[where];
      if (traffic.percent(30)) {
        bench.frame_counts(where, static_cast<std::uint16_t>(traffic.below(512)));
      } else if (entry.phase == kOutstanding) {
        bench.frame_writes(where, kInService, entry.resends_left);
      } else if (entry.phase == kReplied && entry.resends_left != 0) {
        bench.frame_writes(where, kReplied, static_cast<std::uint8_t>(entry.resends_left - 1));
      } else if (entry.phase == kReplied) {
        bench.frame_writes(where, kRecovered, 0);
      }
    }
    bench.step();
    if (bench.out.insert) inserted.push_back(*bench.out.insert);
    if (inserted.size() > 40) inserted.erase(inserted.begin());
  }
  bench.finish();
  const auto seen = [&](Opcode opcode, Code code) { return bench.coverage.results[{opcode, code}]; };
  for (const Opcode opcode : {kWake, kRestore}) {
    for (const Code code : {kOk, kLive, kBadArgument}) {
      CAPTURE(static_cast<int>(opcode), static_cast<int>(code));
      CHECK(seen(opcode, code) > 0);
    }
  }
  CHECK(seen(kWake, kNotReady) > 0);
  CHECK(bench.coverage.wakeups > 10);
  CHECK(bench.coverage.expired > 10);
  CHECK(bench.coverage.wake_failed > 3);
  CHECK((seed == 1 || seen(kReply, kOk) > 0));
}
