// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

/// session_control with a store, a generator that always offers, and a pattern of frame cycles. Cycle 0 is R.
struct ControlBench {
  SessionControl control;
  NonceStore store;
  Configuration config;
  std::uint64_t cycle = 0;
  const Command* command = nullptr;
  bool nonce_valid = true;
  bool seeded = true;
  std::uint32_t next_nonce = 100;
  bool event_ready = true;
  bool wakeup_ready = true;
  std::uint64_t time = 1000;
  std::set<std::uint64_t> frame_cycles;

  std::vector<std::uint64_t> nonces_taken;
  std::optional<std::uint64_t> inserted_at;
  std::vector<std::uint64_t> wakeups;
  std::vector<Event> events;

  ControlBench() {
    config.server = both_families();
    config.wake_tries = 3;
    config.wake_interval = 10;
    control.reset();
  }
  void step() {
    const bool takes = control.nonce_ready() && nonce_valid;
    if (takes) nonces_taken.push_back(cycle);
    const SessionControlActions actions = control.clock(
        {command, nonce_valid, next_nonce, seeded, frame_cycles.count(cycle) == 0, event_ready, wakeup_ready, time},
        store, config);
    if (takes) ++next_nonce;
    if (actions.inserted) inserted_at = cycle;
    if (actions.wakeup != nullptr) wakeups.push_back(cycle);
    if (actions.event != nullptr) events.push_back(*actions.event);
    ++cycle;
  }
  void run_to(std::uint64_t until) {
    while (cycle < until) step();
  }
  /// Makes it ready: in that cycle it is Idle for the first time.
  void get_ready() {
    while (!control.ready()) step();
  }
  /// The command is pending from this cycle on; returns the cycle of its done.
  std::uint64_t run(const Command& of) {
    command = &of;
    while (!control.done()) step();
    const std::uint64_t at = cycle;
    step();
    command = nullptr;
    return at;
  }
};

Command wake4() {
  Command command = make_command(CommandCode::wake, client4);
  command.lifetime = 1000;
  return command;
}
Command restore4(Phase phase = Phase::in_service) {
  Command command = make_command(CommandCode::restore, client4);
  command.lifetime = 1000;
  command.nonce = nonce;
  command.phase = phase;
  command.tag = tag;
  return command;
}

TEST_CASE("Clearing takes 1,024 cycles, then five nonces make the hash key") {  // S1, S2
  ControlBench bench;
  while (!bench.control.ready()) {
    CHECK(bench.control.nonce_ready() == (bench.cycle >= 1024));
    bench.nonce_valid = bench.cycle % 10 == 0;
    bench.step();
  }
  CHECK(bench.nonces_taken == std::vector<std::uint64_t>{1030, 1040, 1050, 1060, 1070});
  CHECK(bench.cycle == 1071);
  CHECK(!bench.control.nonce_ready());
  const HashKey expected({100, 101, 102, 103, 104});
  CHECK(bench.control.key().rows(client4).row0 == expected.rows(client4).row0);
  CHECK(bench.control.key().rows(client4).row1 == expected.rows(client4).row1);
}

TEST_CASE("Before that every command is not ready, in the next cycle") {  // S3
  ControlBench bench;
  bench.run_to(50);
  CHECK(bench.run(restore4()) == 51);
  CHECK(bench.control.result().code == ResultCode::not_ready);
  bench.get_ready();
  CHECK(bench.cycle == 1029);  // not delayed
}

// Ready in r = 1029, which is Idle: no command, so the first visit reads in r+1 and Idle comes back in r+7 (S12, S13).
constexpr std::uint64_t r = 1029;

TEST_CASE("Refusals that are known at once") {  // S4
  ControlBench bench;
  bench.get_ready();
  REQUIRE(bench.cycle == r);
  Command command = wake4();
  ResultCode expected = ResultCode::bad_argument;
  SECTION("no such command") { command.code = 0; }
  SECTION("lifetime 0") { command.lifetime = 0; }
  SECTION("nonce 0") {
    command = restore4();
    command.nonce = 0;
  }
  SECTION("family without a server address") { bench.config.server.ipv4.clear(); }
  SECTION("no seed comes before bad arguments") {
    bench.seeded = false;
    command.lifetime = 0;
    expected = ResultCode::not_ready;
  }
  CHECK(bench.run(command) == r + 2);
  CHECK(bench.control.result().code == expected);
  // Idle in r+2, its done cycle: the walk goes on, so for a command of r+3 c = r+9.
  command.code = 0;
  CHECK(bench.run(command) == r + 11);
}

TEST_CASE("A visit of an empty entry takes seven cycles from Idle to Idle") {  // S12, S13
  const std::uint64_t pending_from = GENERATE(r + 1, r + 2, r + 7, r + 8, r + 14, r + 15);
  ControlBench bench;
  bench.run_to(pending_from);
  Command command;
  const std::uint64_t idle = pending_from <= r + 7 ? r + 7 : pending_from <= r + 14 ? r + 14 : r + 21;
  CHECK(bench.run(command) == idle + 2);
}

TEST_CASE("Frame cycles delay a visit's read") {  // f(c)
  ControlBench bench;
  bench.frame_cycles = {r + 1, r + 2};
  bench.run_to(r + 2);
  Command command;
  CHECK(bench.run(command) == r + 11);  // v = r+3, Idle in r+9
}

TEST_CASE("A restored session is written 137 cycles after the command, decided on in 136") {  // S6, S7, S8, S9
  ControlBench bench;
  bench.get_ready();
  // c = r, x = r+2, y = a = r+130, b = r+131, g = r+136, w = r+137.
  const Command command = restore4();
  SECTION("without frames") {
    CHECK(bench.run(command) == r + 138);
    CHECK(bench.inserted_at == r + 137);
  }
  SECTION("with frame cycles where it reads and writes") {
    bench.frame_cycles = {r + 130, r + 132, r + 133, r + 139};  // a = r+131, b = r+134, g = r+139, w = r+140
    CHECK(bench.run(command) == r + 141);
    CHECK(bench.inserted_at == r + 140);
  }
  const CommandResult result = bench.control.result();
  CHECK(result.code == ResultCode::ok);
  CHECK(result.entry == Entry{{}, 0, 0, nonce});
  CHECK(bench.store.entry(result.location) == Entry{client4, 2000, WakeState{1000, 0, 0, false, false}.pack(), nonce});
  CHECK(bench.store.state(result.location) == EntryState{Phase::in_service, 2});
  // A second one is refused in g+1; Idle of the first's done is spent on a visit.
  const std::uint64_t begin = bench.cycle;
  const std::uint64_t done = bench.run(command);
  CHECK(bench.control.result().code == ResultCode::live);
  CHECK(bench.control.result().entry.nonce == 0);
  // done cycle d: visit, Idle in d+7 = c; g = c + 136.
  CHECK(done == begin - 1 + 7 + 137);
}

TEST_CASE("Results are 0 while a command is pending, but for the first cycle") {
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4());
  const Command command = restore4();
  bench.command = &command;
  CHECK(bench.control.result().entry.nonce == nonce);
  bench.step();
  CHECK(bench.control.result().entry.nonce == 0);
  while (!bench.control.done()) {
    CHECK(bench.control.result().code == ResultCode::ok);
    bench.step();
  }
  CHECK(bench.control.result().code == ResultCode::live);
}

TEST_CASE("now is the time of the first read") {  // S7
  const std::uint64_t offset = GENERATE(129U, 130U, 131U);
  ControlBench bench;
  bench.get_ready();
  const Command command = restore4();
  bench.command = &command;
  while (!bench.control.done()) {
    bench.time = bench.cycle == r + offset ? 7000 : 1000;
    bench.step();
  }
  CHECK(bench.store.entry(bench.control.result().location).deadline == (offset == 130 ? 8000 : 2000));
}

TEST_CASE("Wake draws a nonce, inserts, and visits at once") {  // S5, S9, S10, S14
  ControlBench bench;
  bench.get_ready();
  bench.nonces_taken.clear();
  bench.nonce_valid = false;
  const Command command = wake4();
  bench.command = &command;
  bench.step();
  CHECK_FALSE(bench.control.nonce_ready());
  bench.step();
  CHECK(bench.control.nonce_ready());  // c+2
  bench.run_to(r + 4);
  bench.nonce_valid = true;
  // h = r+4, x = r+5, y = a = r+133, b = r+134, g = r+139, w = r+140, done r+141 = v, the job in w' = v+5, Idle w'+1.
  CHECK(bench.run(command) == r + 141);
  CHECK(bench.nonces_taken == std::vector<std::uint64_t>{r + 4});
  CHECK(bench.inserted_at == r + 140);
  const CommandResult result = bench.control.result();
  CHECK(result.entry.nonce == 105);
  CHECK(WakeState::unpack(bench.store.entry(result.location).aux).sent == 0);
  bench.run_to(r + 147);
  CHECK(bench.wakeups == std::vector<std::uint64_t>{r + 146});
  const WakeState wake = WakeState::unpack(bench.store.entry(result.location).aux);
  CHECK(wake.sent == 1);
  CHECK(wake.next == 1010);
  CHECK(wake.armed);
  Command none;
  CHECK(bench.run(none) == r + 149);
}

TEST_CASE("A wake that waits for a nonce ends when the seed is gone") {  // S5
  ControlBench bench;
  bench.get_ready();
  bench.nonce_valid = false;
  const Command command = wake4();
  bench.command = &command;
  bench.run_to(r + 20);
  bench.seeded = false;
  CHECK(bench.run(command) == r + 21);
  CHECK(bench.control.result().code == ResultCode::not_ready);
  CHECK(!bench.control.nonce_ready());
}

TEST_CASE("Wake Ups go out with doubling gaps, then the session is given up") {
  ControlBench bench;
  bench.config.wake_tries = 3;
  bench.get_ready();
  bench.run(wake4());
  std::vector<std::uint64_t> times;
  for (bench.time = 1000; bench.time < 1100; ++bench.time) {
    const std::size_t before = bench.wakeups.size();
    bench.run_to(bench.cycle + 4096UL * 6 + 100);
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

TEST_CASE("What finds the framer or the log not ready is due again") {  // S14
  ControlBench bench;
  bench.get_ready();
  bench.wakeup_ready = bench.event_ready = false;
  bench.run(wake4());
  bench.run_to(bench.cycle + 30000);
  CHECK(bench.wakeups.empty());
  const std::uint16_t location = bench.control.result().location;
  CHECK(WakeState::unpack(bench.store.entry(location).aux).sent == 0);
  bench.wakeup_ready = true;
  bench.run_to(bench.cycle + 30000);
  CHECK(bench.wakeups.size() == 1);
  bench.time = 2000;  // the deadline
  bench.run_to(bench.cycle + 30000);
  CHECK(bench.store.entry(location).nonce != 0);
  bench.event_ready = true;
  bench.run_to(bench.cycle + 30000);
  CHECK(bench.store.entry(location).nonce == 0);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].kind == EventKind::expired);
}

TEST_CASE("An expired session is emptied behind its event, and then comes Idle") {  // S14, S15
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4());
  bench.run_to(bench.cycle + 25000);
  const std::uint16_t location = bench.control.result().location;
  // The walk visits location i with v = v0 + 7i; the next round's v of this one follows from where the walk is now.
  bench.time = 2000;
  while (bench.events.empty()) bench.step();
  const std::uint64_t w = bench.cycle - 1;
  Command none;
  CHECK(bench.run(none) == w + 4);  // e = w+1, Idle in w+2
  CHECK(bench.store.entry(location) == Entry{});
}

TEST_CASE("Commands act on live sessions in the right state only") {
  ControlBench bench;
  bench.get_ready();
  const auto code_of = [&bench](CommandCode code) {
    Command command = make_command(code, client4);
    command.tag = 77;
    bench.run(command);
    return bench.control.result().code;
  };
  CHECK(code_of(CommandCode::reply) == ResultCode::not_found);
  bench.run(restore4());
  const std::uint16_t location = bench.control.result().location;
  CHECK(code_of(CommandCode::reject) == ResultCode::ok);
  CHECK(bench.store.state(location).phase == Phase::outstanding);
  CHECK(code_of(CommandCode::reject) == ResultCode::wrong_state);
  CHECK(code_of(CommandCode::reply) == ResultCode::wrong_state);
  bench.store.write(location, EntryState{Phase::in_service, 1});
  CHECK(code_of(CommandCode::reply) == ResultCode::ok);
  CHECK(bench.store.state(location) == EntryState{Phase::replied, 1});
  CHECK(bench.store.entry(location).aux == 77);
  CHECK(code_of(CommandCode::close) == ResultCode::ok);
  CHECK(bench.store.entry(location).nonce == 0);
  CHECK(code_of(CommandCode::close) == ResultCode::not_found);
}

TEST_CASE("A read shows the session five cycles after its read cycle") {  // S11
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4(Phase::replied));
  const std::uint16_t location = bench.control.result().location;
  const std::uint64_t idle = bench.cycle - 1 + 7;
  Command command = make_command(CommandCode::read, client4);
  // c = idle, g = c+136, v = g+1, done v+5.
  CHECK(bench.run(command) == idle + 142);
  CHECK(bench.control.result().entry == Entry{client4, 2000, tag, nonce});
  CHECK(bench.control.result().state == EntryState{Phase::replied, 2});
  CHECK(bench.control.result().location == location);
  const std::uint64_t idle2 = bench.cycle - 1 + 7;
  command = make_command(CommandCode::read_location, {});
  command.location = location;
  CHECK(bench.run(command) == idle2 + 7);  // v = c+2
  CHECK(bench.control.result().entry.client == client4);
  command.location = location ^ 1;
  bench.run(command);
  CHECK(bench.control.result().code == ResultCode::not_found);
  CHECK(bench.control.result().location == 0);
}

TEST_CASE("Insertion prefers the dead entry of the client, then the emptier bank, then bank 0") {
  ControlBench bench;
  bench.get_ready();
  const HashKey::Rows rows = bench.control.key().rows(client4);
  const auto at = [&rows](unsigned bank, unsigned way) {
    return NonceStore::location(bank == 0 ? rows.row0 : rows.row1, bank, way);
  };
  const auto fill = [&](unsigned bank, unsigned way, std::uint64_t deadline) {
    net::Address other = client6;
    other.octets[15] = static_cast<std::uint8_t>(100 + 4 * bank + way);
    bench.store.write(at(bank, way), Entry{other, deadline, 0, 1});
  };
  const auto inserted = [&bench] {
    bench.run(restore4());
    return bench.control.result();
  };
  SECTION("equal: bank 0, lowest way") { CHECK(inserted().location == at(0, 0)); }
  SECTION("lowest way that is not live") {
    fill(0, 0, 5000);
    fill(1, 0, 5000);
    fill(0, 1, 1000);  // dead now
    CHECK(inserted().location == at(0, 1));
  }
  SECTION("emptier bank") {
    fill(0, 0, 5000);
    CHECK(inserted().location == at(1, 0));
  }
  SECTION("the client's own dead entry") {
    bench.store.write(at(1, 2), Entry{client4, 900, 0, 5});
    CHECK(inserted().location == at(1, 2));
  }
  SECTION("full") {
    for (unsigned i = 0; i < 8; ++i) fill(i / 4, i % 4, 5000);
    const CommandResult result = inserted();
    CHECK(result.code == ResultCode::full);
    CHECK(result.location == 0);
  }
}

}  // namespace
}  // namespace reveille::core::test
