// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/session_control_bench.hpp"

namespace reveille::core::test {
namespace {

TEST_CASE("Clearing takes 1,024 cycles, then nonces fill the hash tables") {  // S1, S2
  ControlBench bench;
  while (!bench.control.ready()) {
    if (bench.cycle < 1024) CHECK(!bench.control.nonce_ready());
    bench.nonce_valid = bench.cycle % 10 == 0;
    bench.step();
  }
  CHECK(bench.nonces_taken.size() == 2304);
  CHECK(bench.nonces_taken[0] == 1030);
  CHECK(bench.nonces_taken[1] == 1040);
  CHECK(!bench.control.nonce_ready());
  ControlBench fast;
  fast.get_ready();
  CHECK(fast.cycle == r);
  // Table 0, entry 0 is the first 18 bits.
  HashFill fill;
  ClientHash expected;
  std::uint32_t next = 100;
  while (!fill.done()) fill.wants_nonce() ? fill.add(next++) : fill.write_next(expected);
  CHECK(fast.control.hash().rows(client6).row0 == expected.rows(client6).row0);
  CHECK(fast.control.hash().rows(client6).row1 == expected.rows(client6).row1);
}

TEST_CASE("Before that every command is not ready, in the next cycle") {  // S3
  const std::uint64_t at = GENERATE(50U, 2000U, 7423U);
  ControlBench bench;
  bench.run_to(at);
  CHECK(bench.run(restore4()) == at + 1);
  CHECK(bench.control.result().code == ResultCode::not_ready);
  if (at < r - 2) bench.get_ready();
  CHECK(bench.cycle == std::max(r, at + 2));  // not delayed
}

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
  SECTION("family without a server address") { bench.config.ipv4.enabled = 0; }
  SECTION("no seed comes before bad arguments") {
    bench.seeded = false;
    command.lifetime = 0;
    expected = ResultCode::not_ready;
  }
  CHECK(bench.run(command) == r + 2);
  CHECK(bench.control.result().code == expected);
  CHECK(bench.nonces_taken.empty());
  // Idle in r+2, its done cycle: a visit, so for a command of r+3 c = r+9.
  command.code = 0;
  CHECK(bench.run(command) == r + 11);
}

TEST_CASE("A restored session is written 15 cycles after the command, decided on in 14") {  // S6, S7, S8, S9
  ControlBench bench;
  bench.get_ready();
  // c = r, y = r+7, a = r+8, b = r+9, g = r+14, w = r+15.
  Command command = restore4();
  command.source = 5;
  SECTION("without frames") { CHECK(bench.run(command) == r + 16); }
  SECTION("with frame cycles where it reads and writes") {
    bench.frame_cycles = {r + 8, r + 10, r + 11, r + 17};  // a = r+9, b = r+12, g = r+17, w = r+18
    CHECK(bench.run(command) == r + 19);
  }
  const CommandResult result = bench.control.result();
  CHECK(result.code == ResultCode::ok);
  CHECK(result.entry == Entry{{}, 0, 0, nonce});
  CHECK(bench.store.entry(result.location) ==
        Entry{client4, 2000, WakeState{1000, 0, 0, false, false, 5}.pack(), nonce});
  CHECK(bench.store.state(result.location) == EntryState{Phase::in_service, 2, 0});
  // A second one is refused in g+1; Idle of the first's done is spent on a visit.
  const std::uint64_t begin = bench.cycle;
  const std::uint64_t done = bench.run(command);
  CHECK(bench.control.result().code == ResultCode::live);
  CHECK(bench.control.result().entry.nonce == 0);
  // done cycle d: visit, Idle in d+7 = c; g = c + 14.
  CHECK(done == begin - 1 + 7 + 15);
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

TEST_CASE("now is the time of the first read, and no deadline wraps") {  // S7, L14
  const std::uint64_t offset = GENERATE(7U, 8U, 9U);
  ControlBench bench;
  bench.get_ready();
  Command command = restore4();
  const bool late = GENERATE(false, true);
  if (late) command.lifetime = kTimeMask - 2000;
  bench.command = &command;
  while (!bench.control.done()) {
    bench.time = bench.cycle == r + offset ? 7000 : 1000;
    bench.step();
  }
  const std::uint64_t now = offset == 8 ? 7000 : 1000;
  CHECK(bench.store.entry(bench.control.result().location).deadline ==
        (late ? std::min(now + kTimeMask - 2000, kTimeMask) : now + 1000));
}

TEST_CASE("Wake draws a nonce, inserts, and visits at once") {  // S5, S9, S10, S15
  ControlBench bench;
  bench.get_ready();
  Command command = wake4();
  command.source = 1;
  // c = r, nonce in r+1, w = r+15, done r+16 = v, the job begins to wait in v+5 and is taken in v+6, which is Idle.
  CHECK(bench.run(command) == r + 16);
  CHECK(bench.nonces_taken == std::vector<std::uint64_t>{r + 1});
  const CommandResult result = bench.control.result();
  CHECK(result.entry.nonce == 2404);
  CHECK(WakeState::unpack(bench.store.entry(result.location).aux).sent == 0);
  bench.run_to(r + 23);
  CHECK(bench.wakeups == std::vector<std::uint64_t>{r + 22});
  CHECK(bench.jobs[0].source == 1);
  const WakeState wake = WakeState::unpack(bench.store.entry(result.location).aux);
  CHECK(wake.sent == 1);
  CHECK(wake.next == 1010);
  CHECK(wake.armed);
}

TEST_CASE("After a wake's own visit the next command is looked at") {  // eligible
  ControlBench bench;
  bench.get_ready();
  bench.run(wake4());  // done in r+16; Idle in r+22
  Command none;
  CHECK(bench.run(none) == r + 24);
}

TEST_CASE("A wake without a nonce waits while visits go on, and not for ever") {  // eligible, S5
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4());
  bench.time = 2000;  // it expires meanwhile
  bench.nonce_valid = false;
  const Command command = make_command(CommandCode::wake, client6);
  Command wake = command;
  wake.lifetime = 5;
  const std::uint64_t pending_since = bench.cycle;
  SECTION("a nonce comes") {
    bench.command = &wake;
    bench.run_to(pending_since + 1000);
    bench.nonce_valid = true;
    const std::uint64_t done = bench.run(wake);
    CHECK(bench.control.result().code == ResultCode::ok);
    CHECK(done < pending_since + 1000 + 7 + 17);
  }
  SECTION("the seed is gone") {
    bench.command = &wake;
    bench.run_to(pending_since + 1000);
    bench.seeded = false;
    CHECK(bench.run(wake) < pending_since + 1000 + 7 + 3);
    CHECK(bench.control.result().code == ResultCode::not_ready);
  }
  SECTION("65,536 cycles pass") {
    const std::uint64_t done = bench.run(wake);
    CHECK(done >= pending_since + 65536 + 2);
    CHECK(done < pending_since + 65536 + 2 + 7);
    CHECK(bench.control.result().code == ResultCode::not_ready);
    REQUIRE(bench.events.size() == 1);
    CHECK(bench.events[0].kind == EventKind::expired);
  }
  SECTION("the nonce that was there is gone in c+1") {
    bench.run_to(bench.cycle + 7 - (bench.cycle - r - 16) % 7);
    bench.command = &wake;
    while (!bench.control.nonce_ready()) {
      bench.nonce_valid = true;
      bench.step();
    }
    bench.nonce_valid = false;
    bench.step();
    CHECK(bench.control.done());
    CHECK(bench.control.result().code == ResultCode::not_ready);
  }
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
  bench.store.write(location, EntryState{Phase::in_service, 1, 9});
  CHECK(code_of(CommandCode::reply) == ResultCode::ok);
  CHECK(bench.store.state(location) == EntryState{Phase::replied, 1, 9});
  CHECK(bench.store.entry(location).aux == 77);
  CHECK(code_of(CommandCode::close) == ResultCode::ok);
  CHECK(bench.store.entry(location).nonce == 0);
  CHECK(code_of(CommandCode::close) == ResultCode::not_found);
}

TEST_CASE("False nonces that are counted while a command decides are not lost") {  // S9
  const CommandCode code = GENERATE(CommandCode::reply, CommandCode::reject);
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4());
  const std::uint16_t location = bench.control.result().location;
  const Command command = make_command(code, client4);
  bench.command = &command;
  while (!bench.control.done()) {
    bench.store.write_false_nonces(location, static_cast<std::uint16_t>(bench.cycle & 0xFF));
    bench.step();
  }
  CHECK(bench.store.state(location).false_nonces == ((bench.cycle - 1) & 0xFF));
}

TEST_CASE("A read shows the session five cycles after its read cycle") {  // S11
  ControlBench bench;
  bench.get_ready();
  bench.run(restore4(Phase::replied));
  const std::uint16_t location = bench.control.result().location;
  bench.store.write_false_nonces(location, 300);
  const std::uint64_t idle = bench.cycle - 1 + 7;
  Command command = make_command(CommandCode::read, client4);
  // c = idle, g = c+14, v = g+1, done v+5.
  CHECK(bench.run(command) == idle + 20);
  CHECK(bench.control.result().entry == Entry{client4, 2000, tag, nonce});
  CHECK(bench.control.result().state == EntryState{Phase::replied, 2, 300});
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
  const ClientHash::Rows rows = bench.control.hash().rows(client4);
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
  SECTION("lowest way that is empty; what is dead and not yet swept is not") {
    fill(0, 0, 5000);
    fill(1, 0, 5000);
    fill(0, 1, 1000);  // dead now
    fill(1, 3, 1000);
    CHECK(inserted().location == at(0, 2));
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
    for (unsigned i = 0; i < 8; ++i) fill(i / 4, i % 4, i == 3 ? 1000 : 5000);
    const CommandResult result = inserted();
    CHECK(result.code == ResultCode::full);
    CHECK(result.location == 0);
  }
}

}  // namespace
}  // namespace reveille::core::test
