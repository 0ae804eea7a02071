// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/session_control_bench.hpp"

namespace reveille::core::test {
namespace {

TEST_CASE("Clearing takes a cycle for each address, then nonces fill the hash tables") {  // S1, S2
  ControlBench bench;
  while (!bench.control.ready()) {
    if (bench.cycle < clear_cycles) CHECK(!bench.control.nonce_ready());
    bench.nonce_valid = bench.cycle % 10 == 0;
    bench.step();
  }
  CHECK(bench.nonces_taken.size() == 4096);
  const std::uint64_t first = (clear_cycles + 9) / 10 * 10;
  CHECK(bench.nonces_taken[0] == first);
  CHECK(bench.nonces_taken[1] == first + 10);
  CHECK(!bench.control.nonce_ready());
  ControlBench fast;
  fast.get_ready();
  CHECK(fast.cycle == r);
  ClientHash expected;
  for (unsigned word = 0; word < 4096; ++word) expected.write(word, 100 + word);
  CHECK(fast.control.hash().rows(client6).row0 == expected.rows(client6).row0);
  CHECK(fast.control.hash().rows(client6).row1 == expected.rows(client6).row1);
}

TEST_CASE("Before that every command is not ready, in the next cycle") {  // S3
  const std::uint64_t at = GENERATE(50U, 2000U, r - 2, r - 1);
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
  SECTION("no such command") { command.code = CommandCode::none; }
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
  CHECK(bench.run(command) == c + 2);
  CHECK(bench.control.result().code == expected);
  CHECK(bench.nonces_taken.empty());
  // Idle in its done cycle: a visit before the next command.
  command.code = CommandCode::none;
  CHECK(bench.run(command) == c + 2 + visit_cycles + 2);
}

TEST_CASE("A restored session is written two cycles after it is decided on") {  // S6, S7, S8, S9
  ControlBench bench;
  bench.get_ready();
  Command command = restore4();
  command.source = 5;
  SECTION("without frames") { CHECK(bench.run(command) == c + w + 1); }
  SECTION("with frame cycles where it reads and writes") {
    // a = c+9, the next read in c+12; a cycle more before w.
    bench.frame_cycles = {c + 8, c + 10, c + 11, c + w + 3};
    CHECK(bench.run(command) == c + w + 5);
  }
  const CommandResult result = bench.control.result();
  CHECK(result.code == ResultCode::ok);
  CHECK(result.entry == Entry{{}, 0, 0, nonce});
  CHECK(bench.store.entry(result.location) == Entry{client4, 2000, WakeState{0, 0, 0, false, false, 5}.pack(), nonce});
  CHECK(bench.store.state(result.location) == EntryState{Phase::in_service, 2, 0});
  // A second one is refused in g+1; Idle of the first's done is spent on a visit.
  const std::uint64_t begin = bench.cycle;
  const std::uint64_t done = bench.run(command);
  CHECK(bench.control.result().code == ResultCode::live);
  CHECK(bench.control.result().entry.nonce == 0);
  CHECK(done == begin - 1 + visit_cycles + g + 1);  // after a visit
}

TEST_CASE("Results are 0 from c+2 on, and the code changes with done alone") {
  ControlBench bench;
  bench.get_ready();
  Command command = restore4();
  bench.run(command);
  command.nonce = 0;
  const std::uint64_t first = bench.cycle;
  CHECK(bench.run(command) == first - 1 + visit_cycles + 2);
  CHECK(bench.control.result().code == ResultCode::bad_argument);
  CHECK(bench.control.result().entry.nonce == 0);
  command.nonce = nonce + 1;
  const std::uint64_t looked_at = bench.cycle - 1 + visit_cycles;
  command.client = client6;
  CHECK(bench.run(command) == looked_at + w + 1);
  CHECK(bench.control.result().entry.nonce == nonce + 1);
  const std::uint64_t looked_at_next = bench.cycle - 1 + visit_cycles;
  bench.command = &command;
  while (!bench.control.done()) {
    CHECK(bench.control.result().entry.nonce == (bench.cycle < looked_at_next + 2 ? nonce + 1 : 0));
    if (bench.cycle >= looked_at_next + 2) CHECK(bench.control.result().location == 0);
    CHECK(bench.control.result().code == ResultCode::ok);
    bench.step();
  }
  CHECK(bench.control.result().code == ResultCode::live);
}

TEST_CASE("No empty place holds a client, not the address of zeros either: the bank with more of them is taken") {
  ControlBench bench;
  bench.get_ready();
  Command command = restore4();
  command.client = net::Address{};
  const ClientHash::Rows rows = bench.control.hash().rows(command.client);
  bench.store.write(NonceStore::location(rows.row0, 0, 0), Entry{client6, 9000, tag, nonce});
  bench.run(command);
  REQUIRE(bench.control.result().code == ResultCode::ok);
  CHECK(bench.control.result().location == NonceStore::location(rows.row1, 1, 0));
}

TEST_CASE("Before ready a command changes the result code alone, which a reset makes ok") {  // S3
  ControlBench bench;
  CHECK(bench.control.result().code == ResultCode::ok);
  bench.run(restore4());
  CHECK(bench.control.result().code == ResultCode::not_ready);
  bench.control.reset();
  CHECK(bench.control.result().code == ResultCode::ok);
}

TEST_CASE("now is the time of the last read, and no deadline wraps") {  // S7, L14
  const std::uint64_t offset = GENERATE(range(8U, 13U));
  ControlBench bench;
  bench.get_ready();
  Command command = restore4();
  const bool late = GENERATE(false, true);
  if (late) command.lifetime = kTimeMask - 2000;
  bench.command = &command;
  while (!bench.control.done()) {
    bench.time = bench.cycle >= c + offset ? 7000 : 1000;
    bench.step();
  }
  const std::uint64_t now = offset <= 8 + find_cycles ? 7000 : 1000;
  CHECK(bench.store.entry(bench.control.result().location).deadline ==
        (late ? std::min(now + kTimeMask - 2000, kTimeMask) : now + 1000));
}

TEST_CASE("Each way that a find reads goes by the time of its own read") {  // S7
  const unsigned way = GENERATE(range(0U, 4U));
  const unsigned bank = GENERATE(0U, 1U);
  const std::uint64_t offset = GENERATE(range(8U, 13U));
  ControlBench bench;
  bench.get_ready();
  const ClientHash::Rows rows = bench.control.hash().rows(client4);
  bench.store.write(NonceStore::location(bank == 0 ? rows.row0 : rows.row1, bank, way), Entry{client4, 2000, 0, nonce});
  const Command command = make_command(CommandCode::close, client4);
  bench.command = &command;
  while (!bench.control.done()) {
    bench.time = bench.cycle >= c + offset ? 2000 : 1000;
    bench.step();
  }
  const bool live = offset > 8 + (four_reads ? way : way / 2);
  CHECK(bench.control.result().code == (live ? ResultCode::ok : ResultCode::not_found));
}

TEST_CASE("Wake draws a nonce, inserts, and visits at once") {  // S5, S9, S10, S15
  ControlBench bench;
  bench.get_ready();
  Command command = wake4();
  command.source = 1;
  // v is the cycle of done, e = v+6, the job begins to wait in v+7 and is taken in v+8, which is Idle.
  constexpr std::uint64_t v = c + w + 1;
  CHECK(bench.run(command) == v);
  CHECK(bench.nonces_taken == std::vector<std::uint64_t>{c + 2});
  const CommandResult result = bench.control.result();
  CHECK(result.entry.nonce == 4196);  // behind those of the hash tables
  CHECK(WakeState::unpack(bench.store.entry(result.location).aux).sent == 0);
  CHECK(WakeState::unpack(bench.store.entry(result.location).aux).next == 0);
  bench.run_to(v + 9);
  CHECK(bench.wakeups == std::vector<std::uint64_t>{v + 8});
  CHECK(bench.jobs[0].source == 1);
  const WakeState wake = WakeState::unpack(bench.store.entry(result.location).aux);
  CHECK(wake.sent == 1);
  CHECK(wake.next == 1010);
  CHECK(wake.armed);
}

TEST_CASE("After a wake's own visit the next command is looked at") {  // eligible
  ControlBench bench;
  bench.get_ready();
  const std::uint64_t v = bench.run(wake4());  // Idle in v+8
  Command none;
  CHECK(bench.run(none) == v + 10);
}

TEST_CASE("A command counts where it was pending in the cycle before Idle") {  // eligible
  const std::uint64_t pending_from = GENERATE(c - 2, c - 1, c, c + 1, c + visit_cycles - 1, c + visit_cycles);
  ControlBench bench;
  bench.run_to(pending_from);
  Command none;
  const std::uint64_t idle = pending_from < c                  ? c
                             : pending_from < c + visit_cycles ? c + visit_cycles
                                                               : c + 2 * visit_cycles;
  CHECK(bench.run(none) == idle + 2);
}

TEST_CASE(
    "A wake counts where a nonce was offered in the cycle before Idle, and its seed as in Idle") {  // eligible, S4
  ControlBench bench;
  bench.get_ready();
  bench.nonce_valid = false;
  const Command command = wake4();
  bench.command = &command;
  const std::uint64_t nonce_in = GENERATE(c - 2, c - 1, c);
  const bool loses_seed = GENERATE(false, true);
  while (!bench.control.done() && bench.cycle < c + 5) {
    bench.nonce_valid = bench.cycle == nonce_in;
    bench.seeded = !loses_seed || bench.cycle < c;
    bench.step();
  }
  // c's eligibility needs the nonce in c-1; without one in c+2 it is not ready.
  if (nonce_in == c - 1) CHECK(bench.cycle == (loses_seed ? c + 2 : c + 3));
  CHECK(bench.control.done() == (nonce_in == c - 1));
}

TEST_CASE("A wake without a nonce waits while visits go on, and not for ever") {  // eligible, S5
  ControlBench bench;
  bench.get_ready();
  // Has expired: what the sweep finds meanwhile.
  bench.store.write(3000 % NonceStore::kSessions, Entry{client4, 1000, 0, nonce});
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
    CHECK(done < pending_since + 1000 + visit_cycles + 20);
  }
  SECTION("the seed is gone") {
    bench.command = &wake;
    bench.run_to(pending_since + 1000);
    bench.seeded = false;
    CHECK(bench.run(wake) < pending_since + 1000 + visit_cycles + 4);
    CHECK(bench.control.result().code == ResultCode::not_ready);
  }
  SECTION("65,536 cycles pass") {
    const std::uint64_t done = bench.run(wake);
    CHECK(done >= pending_since + 65536 + 4);
    CHECK(done < pending_since + 65536 + 4 + visit_cycles);
    CHECK(bench.control.result().code == ResultCode::not_ready);
    REQUIRE(bench.events.size() == 1);
    CHECK(bench.events[0].kind == EventKind::expired);
  }
  SECTION("the nonce that was there is gone in c+2") {
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
  CHECK(bench.store.state(location) == EntryState{Phase::replied, 2, 9});  // the whole budget again
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
  const std::uint64_t idle = bench.cycle - 1 + visit_cycles;
  Command command = make_command(CommandCode::read, client4);
  CHECK(bench.run(command) == idle + g + 2 + 5);  // v = g+2
  CHECK(bench.control.result().entry == Entry{client4, 2000, tag, nonce});
  CHECK(bench.control.result().state == EntryState{Phase::replied, 2, 300});
  CHECK(bench.control.result().location == location);
  const std::uint64_t idle2 = bench.cycle - 1 + visit_cycles;
  command = make_command(CommandCode::read_location, {});
  command.location = location;
  CHECK(bench.run(command) == idle2 + 7);  // v = idle2+2
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
