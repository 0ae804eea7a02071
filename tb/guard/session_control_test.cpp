// SPDX-License-Identifier: Apache-2.0
// Rules S1-S14 of docs/timing/guard.md: every output in every cycle, by SessionControlBench. session_guard_test.cpp has
// the real store.
#include "guard/session_control_bench.hpp"

using namespace reveille::tb;

namespace {

/// A bench that is ready and Idle: nonces 1 to 5 drawn as soon as asked for.
struct ReadyBench : SessionControlBench {
  HashKey key{1, 2, 3, 4, 5};
  explicit ReadyBench() : SessionControlBench(7) {
    in.seeded = true;
    in.nonce_valid = true;
    in.wake_tries = 3;
    in.wake_interval = 1000;
    in.resend_budget = 2;
    in.wakeup_ready = in.event_ready = true;
    for (std::uint32_t i = 0; !out.ready; step()) in.nonce = cycle < 1024 ? 99 : ++i;
    in.nonce = 0xabcd;
  }
};

constexpr u128 kClient = static_cast<u128>(0x20010db8) << 96 | 1;
Command wake(Time lifetime = 1'000'000) {
  return {.opcode = kWake, .client = kClient, .lifetime = lifetime, .hop = 5, .doi = true};
}
Command on(Opcode opcode, u128 client = kClient) {
  return {.opcode = opcode, .client = client, .tag = 0x1122334455667788};
}
Command restore(u128 client, Phase phase) {
  return {.opcode = kRestore,
          .client = client,
          .lifetime = 1'000'000,
          .nonce = 77,
          .phase = phase,
          .tag = 0xfeed,
          .armed = true};
}

}  // namespace

TEST_CASE("S1, S2: the store is cleared, then five nonces make the key") {
  SessionControlBench bench(1);
  bench.in.nonce_valid = true;
  bench.in.seeded = true;
  bench.run(1023);
  CHECK_FALSE(bench.out.nonce_ready);
  bench.step();  // R+1023
  CHECK_FALSE(bench.out.nonce_ready);
  for (std::uint32_t i = 0; i < 5; ++i) {
    bench.in.nonce = 0x10 + i;
    bench.in.nonce_valid = false;
    bench.step();
    bench.in.nonce_valid = true;
    bench.step();
    CHECK(bench.out.nonce_ready);
    CHECK_FALSE(bench.out.ready);
  }
  bench.step();
  CHECK(bench.out.ready);
  CHECK(bench.out.key == HashKey{0x10, 0x11, 0x12, 0x13, 0x14});
  bench.run(20'000);  // every entry visited, and empty
  bench.finish();
}

TEST_CASE("S3: a command before ready is refused in the next cycle, and clear goes on") {
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
  CHECK(bench.cycle - 1 == 1029);
}

TEST_CASE("S4, S12: what is known at once; the walk goes on in the done cycle") {
  ReadyBench bench;
  const auto [command, code] = GENERATE(table<Command, Code>({
      {on(kNone), kBadArgument},
      {wake(0), kBadArgument},
      {Command{.opcode = kRestore, .client = kClient, .lifetime = 5}, kBadArgument},
      {Command{.opcode = kWake, .client = u128{0xffff} << 32, .lifetime = 5}, kBadArgument},
      {wake(), kNotReady},
  }));
  bench.in.ipv4_enable = false;
  bench.in.seeded = code != kNotReady;
  bench.until([&] { return bench.out.walked.has_value(); });  // v
  // Idle in c = v+6; a command first seen in v+1 to c is looked at in c+1.
  const unsigned wait = GENERATE(0U, 3U, 5U);
  bench.in.command = command;
  bench.run(wait);
  const std::uint64_t walked = bench.cycle - 1 - wait;
  bench.in.command_valid = true;
  const std::uint64_t done = bench.until([&] { return bench.out.done; });
  CHECK(done == walked + 6 + 2);
  CHECK(bench.out.result == Result{.code = code});
  bench.in.command_valid = false;
  CHECK(bench.until([&] { return bench.out.walked.has_value(); }) == done + 1);
}

TEST_CASE("S5: wake waits for its nonce, and gives up with the generator") {
  ReadyBench bench;
  bench.in.nonce_valid = false;
  bench.in.command = wake();
  bench.step();
  bench.in.command_valid = true;
  const std::uint64_t asked = bench.until([&] { return bench.out.nonce_ready; });
  bench.run(100);
  CHECK(bench.out.nonce_ready);
  SECTION("accepted in h: rows in h+129, done in a+9") {
    bench.in.nonce_valid = true;
    bench.in.nonce = 0x5eed;
    bench.step();
    const std::uint64_t h = bench.cycle - 1;
    bench.in.nonce_valid = false;
    const std::uint64_t done = bench.until([&] { return bench.out.done; });
    CHECK(done == h + 1 + 128 + 1 + 5 + 2);
    CHECK(bench.out.result.code == kOk);
    CHECK(bench.out.result.entry.nonce == 0x5eed);
  }
  SECTION("an unseeded cycle that accepts is no failure") {
    bench.in.nonce_valid = true;
    bench.in.seeded = false;
    bench.step();
    bench.in.nonce_valid = false;
    bench.until([&] { return bench.out.done; });
    CHECK(bench.out.result.code == kOk);
  }
  SECTION("lost") {
    bench.in.seeded = false;
    bench.step();
    const std::uint64_t e = bench.cycle - 1;
    CHECK(bench.until([&] { return bench.out.done; }) == e + 1);
    CHECK(bench.out.result.code == kNotReady);
  }
  CHECK(asked > 1000);
}

TEST_CASE("S6-S11: a session's life without frames in the way") {
  ReadyBench bench;
  bench.in.time = 5000;
  const std::uint64_t c = [&] {
    bench.command(on(kNone));  // its done cycle starts a visit: Idle again seven cycles later
    bench.in.command = wake(700);
    bench.run(6);
    bench.in.command_valid = true;
    return bench.cycle;
  }();
  const std::uint64_t done = bench.until([&] { return bench.out.done; });
  bench.in.command_valid = false;
  // h = c+2, x = c+3, y = a = x+128, g = a+6, w = g+1, done = w+1
  CHECK(done == c + 3 + 128 + 6 + 2);
  const Rows rows = hash(bench.key, kClient);
  CHECK(bench.out.result == Result{kOk, location(rows.row0, 0, 0), Entry{.nonce = 0xabcd}});
  // S10: its visit's v is the done cycle, and hands over the job in v+5.
  CHECK(bench.until([&] { return bench.out.wakeup.has_value(); }) == done + 5);
  CHECK(*bench.out.wakeup == Wakeup{kClient, 0xabcd, 5, true});

  bench.command(wake());
  CHECK(bench.out.result == Result{.code = kLive});
  bench.command(on(kReply));
  CHECK(bench.out.result == Result{.code = kWrongState});
  bench.command(on(kReject));
  CHECK(bench.out.result == Result{.code = kWrongState});

  bench.in.free = false;
  bench.frame_writes(location(rows.row0, 0, 0), kInService, 2);
  bench.step();
  bench.in.free = true;
  bench.command(on(kReject));
  CHECK(bench.out.result == Result{});
  bench.command(on(kRead));
  CHECK(bench.out.result.code == kOk);
  CHECK(bench.out.result.entry ==
        Entry{kClient, 0xabcd, 5700,
              std::uint64_t{1} << 56 | std::uint64_t{1} << 55 | std::uint64_t{5} << 52 | std::uint64_t{1} << 48 | 6000,
              kOutstanding, 2});
  bench.in.free = false;
  bench.frame_writes(location(rows.row0, 0, 0), kInService, 2);
  bench.step();
  bench.in.free = true;
  bench.command(on(kReply));
  CHECK(bench.out.result == Result{});
  Command read = on(kReadLocation);
  read.location = location(rows.row0, 0, 0);
  bench.command(read);
  CHECK(bench.out.result == Result{kOk, read.location, Entry{kClient, 0xabcd, 5700, 0x1122334455667788, kReplied, 2}});

  SECTION("at its deadline it is dead: not found by client, still there by location") {
    bench.in.event_ready = false;
    bench.in.time = 5700;
    bench.command(on(kClose));
    CHECK(bench.out.result == Result{.code = kNotFound});
    bench.command(on(kRead));
    CHECK(bench.out.result == Result{.code = kNotFound});
    bench.command(read);
    CHECK(bench.out.result.code == kOk);
    CHECK(bench.until([&] { return bench.out.event.has_value(); }) > 0);
    CHECK(*bench.out.event == Event{kExpired, 5700, 0xabcd, kClient});
    bench.in.event_ready = true;
    bench.until([&] { return bench.out.event.has_value(); });
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
  SECTION("the dead session's way is taken again, not a lower one of the other bank") {
    bench.in.event_ready = false;
    bench.in.time = 6000;
    bench.command(restore(kClient, kRecovered));
    CHECK(bench.out.result == Result{kOk, read.location, Entry{.nonce = 77}});
  }
  bench.finish();
}

TEST_CASE("Insert: the emptier bank, bank 0 when equal, its lowest way; the ninth is refused") {
  ReadyBench bench;
  std::mt19937_64 random(5);
  const Clients clients(bench.key, random, 8);
  const Rows rows = hash(bench.key, clients.crowded[0]);
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

TEST_CASE("S13, S14: tries, back-off, giving up, expiry") {
  ReadyBench bench;
  bench.in.wake_interval = 100'000;  // a walk takes some 30,000 cycles
  bench.in.time = 1;
  bench.command(wake(1'500'000));
  std::vector<Time> sent;
  std::vector<Event> events;
  const auto at = bench.out.result.location;
  while (events.size() < 2) {
    ++bench.in.time;
    bench.step();
    if (bench.out.wakeup) sent.push_back(bench.in.time);
    if (bench.out.event) events.push_back(*bench.out.event);
    if (bench.out.walked && *bench.out.walked == at) CHECK(bench.in.free);
  }
  REQUIRE(sent.size() == 3);
  constexpr Time walk = 4096 * 6 + 10;
  CHECK((sent[1] - sent[0] >= 100'000 && sent[1] - sent[0] < 100'000 + walk));
  CHECK((sent[2] - sent[1] >= 200'000 - walk && sent[2] - sent[1] < 200'000 + walk));
  CHECK(events[0].kind == kWakeFailed);
  CHECK((events[0].now - sent[2] >= 400'000 - walk && events[0].now - sent[2] < 400'000 + walk));
  CHECK(events[1].kind == kExpired);
  CHECK((events[1].now >= 1'500'001 && events[1].now < 1'500'001 + walk));
}

TEST_CASE("S12, S13: the walk visits 0, 1, ... 4095, 0, seven cycles apart") {
  ReadyBench bench;
  std::uint64_t last = bench.until([&] { return bench.out.walked.has_value(); });
  unsigned where = *bench.out.walked;
  for (unsigned i = 0; i < 4100; ++i) {
    const std::uint64_t v = bench.until([&] { return bench.out.walked.has_value(); });
    REQUIRE(v == last + 7);
    REQUIRE(*bench.out.walked == (where + 1) % 4096);
    where = *bench.out.walked;
    last = v;
  }
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
    // 140 cycles without frames; at most three in a row are not free.
    CHECK(bench.cycle - first < 180);
  }
}

TEST_CASE("Random commands, frames, time and registers") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4, 5, 6);
  CAPTURE(seed);
  Manners manners;
  manners.time_step = seed % 2 == 0 ? 1 : 20;
  manners.time_jump_per_mille = seed % 3 == 0 ? 2 : 0;
  manners.nonce_percent = seed == 4 ? 3 : 60;
  manners.idle_host_percent = seed == 5 ? 99 : 20;
  Traffic traffic(seed, manners);
  SessionControlBench bench(seed);
  Lookups lookups;
  std::vector<unsigned> inserted;
  const unsigned load = seed == 1 ? 0 : seed == 2 ? 100 : 15;
  for (unsigned i = 0; i < 300'000; ++i) {
    bench.in = traffic.next(bench.out);
    lookups.step(traffic.percent(load));
    bench.in.free = lookups.free();
    if (lookups.at(8) && !inserted.empty()) {
      const unsigned where = inserted[traffic.below(static_cast<unsigned>(inserted.size()))];
      const Entry entry = bench.store()[where];
      if (entry.phase == kOutstanding) bench.frame_writes(where, kInService, entry.resends_left);
      if (entry.phase == kReplied && entry.resends_left != 0) {
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
    for (const Code code : {kOk, kLive, kBadArgument, kNotReady}) {
      CAPTURE(static_cast<int>(opcode), static_cast<int>(code));
      CHECK(seen(opcode, code) > 0);
    }
  }
  CHECK(bench.coverage.wakeups > 10);
  CHECK(bench.coverage.expired > 10);
  CHECK(bench.coverage.wake_failed > 3);
  CHECK((seed == 1 || seen(kReply, kOk) > 0));
}
