// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, in what random traffic hardly ever comes to.
#include <array>
#include <random>

#include "catch.hpp"
#include "engine/lockstep.hpp"
#include "engine/make_verilated_core.hpp"
#include "model/core/support.hpp"
#include "reveille/config.hpp"
#include "system/corner_run.hpp"
#include "system/crowded_run.hpp"
#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"
#include "system/parser_run.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;

TEST_CASE("RTL and model agree from a session's first Wake Up to its last") {
  const auto rtl = make_verilated_core(6);
  core::Core model;
  Lockstep lockstep(*rtl, model, 6);
  Bench bench(lockstep);
  core::Setup setup = both_families_setup();
  setup.wake_tries = 15;
  setup.wake_interval_us = 3;
  bench.driver.bring_up(setup, 6);
  std::vector<Command> reads;
  for (unsigned i = 0; i < 8; ++i) {
    Command wake = make_command(CommandCode::wake, i % 2 == 0 ? client4 : client6);
    wake.client.octets[15] = static_cast<std::uint8_t>(i);
    wake.lifetime = 1'000'000'000;
    REQUIRE(bench.driver.command(wake).code == ResultCode::ok);
    reads.push_back(make_command(CommandCode::read, wake.client));
  }
  // Both walks over the store take nine cycles a visit, and in each all Wake Ups are due.
  for (unsigned walk = 0; walk < 18; ++walk) {
    lockstep.inputs.time_us += 1 << 18;
    bench.run(20ULL * config::kSessions);
    for (const Command& read : reads) static_cast<void>(bench.driver.command(read));  // with the time of the next one
  }
  unsigned failed = 0;
  while (const auto event = bench.driver.pop_event()) failed += event->kind == core::EventKind::wake_failed ? 1 : 0;
  CHECK(failed == reads.size());
  CHECK(bench.net.frames.size() == 15 * reads.size());
  lockstep.finish();
}

TEST_CASE("RTL and model agree that a lost frame changes nothing") {
  const auto rtl = make_verilated_core(7);
  core::Core model;
  Lockstep lockstep(*rtl, model, 7);
  Bench bench(lockstep);
  core::Setup setup = both_families_setup();
  setup.server.client_initiated = core::ClientInitiated::pass_limited;
  setup.server.interval_us = 1000;
  setup.server.tolerance_us = 1000;
  bench.driver.bring_up(setup, 7);
  Command restore = make_command(CommandCode::restore, client6);
  restore.nonce = nonce;
  restore.lifetime = 1'000'000;
  REQUIRE(bench.driver.command(restore).code == ResultCode::ok);
  Command replied = restore;
  replied.client.octets[15] ^= 0x40;
  replied.phase = Phase::replied;
  REQUIRE(bench.driver.command(replied).code == ResultCode::ok);

  lockstep.inputs.host_rx_ready = false;
  lockstep.inputs.time_us += 1000;
  for (unsigned i = 0; i < 300; ++i) bench.send(Bytes(64, 0xEE));  // bypass, all that the reserve leaves
  net::UdpFrame large = to_server6(ap_request(nonce, 8ULL * config::kFrameBufferReserve - 244));
  large.source = replied.client;
  bench.send(net::build(large));  // resend: nearly all of the reserve
  const Bytes request = net::build(to_server6(ap_request(nonce)));
  const Bytes client_initiated = net::build(to_server4(ap_request(0)));
  const auto sent = [&bench](const Bytes& frame) {
    bench.judge(frame);
    return bench.verdicts.front().out;
  };
  while (!bench.net_rx.empty()) bench.step();
  bench.run(20);
  for (const Bytes& frame : {request, client_initiated}) {
    const core::Outputs out = sent(frame);
    CHECK(out.verdict_pass);
    CHECK(out.verdict_lost);
  }
  lockstep.inputs.host_rx_ready = true;
  bench.run(5000);
  CHECK(sent(request).verdict_code == static_cast<std::uint8_t>(Verdict::accepted));
  CHECK(sent(request).verdict_code == static_cast<std::uint8_t>(Verdict::repeat));
  CHECK(sent(client_initiated).verdict_pass);
  CHECK(sent(client_initiated).verdict_pass);  // at the limit to the microsecond
  CHECK_FALSE(sent(client_initiated).verdict_pass);
  lockstep.finish();
}

TEST_CASE("RTL and model agree that every octet of nonce, tag and client counts") {
  const auto rtl = make_verilated_core(8);
  core::Core model;
  Lockstep lockstep(*rtl, model, 8);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 8);
  Command outstanding = make_command(CommandCode::restore, client4);
  outstanding.nonce = nonce;
  outstanding.lifetime = 1'000'000;
  Command replied = outstanding;
  replied.client = client6;
  replied.phase = Phase::replied;
  replied.tag = tag;
  for (const Command& command : {outstanding, replied}) REQUIRE(bench.driver.command(command).code == ResultCode::ok);

  const auto request = [&bench](std::uint32_t returned) {
    return bench.judge(net::build(to_server4(ap_request(returned))));
  };
  const auto recovered = [&bench](std::uint64_t value, const net::Address& client) {
    net::UdpFrame frame = to_server6(sa_recovered(value));
    frame.source = client;
    return bench.judge(net::build(frame));
  };
  for (unsigned octet = 0; octet < 4; ++octet) CHECK(request(nonce ^ 1U << 8 * octet) == Verdict::false_nonce);
  for (unsigned octet = 0; octet < 8; ++octet)
    CHECK(recovered(tag ^ std::uint64_t{1} << 8 * octet, client6) == Verdict::false_nonce);
  for (std::uint8_t& octet : replied.client.octets) {
    octet ^= 1;
    CHECK(recovered(tag, replied.client) == Verdict::not_woken);
    octet ^= 1;
  }
  CHECK(request(nonce) == Verdict::accepted);
  CHECK(recovered(tag, client6) == Verdict::sa_recovered);
  lockstep.finish();
}

TEST_CASE("RTL and model agree on messages that UDP ends in, or an octet before or behind, what is read of them") {
  const auto rtl = make_verilated_core(11);
  core::Core model;
  Lockstep lockstep(*rtl, model, 11);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 11);
  const auto verdicts = [&bench](Bytes message, std::size_t octets) {
    message.resize(octets);
    return std::array{bench.judge(net::build(to_server4(message))), bench.judge(net::build(to_server6(message)))};
  };
  const auto both = [](Verdict verdict) { return std::array{verdict, verdict}; };
  for (const std::size_t content : {0, 1, 2, 3, 4, 5, 6, 7, 127, 128, 129, 130, 255, 256, 257, 258}) {
    const Bytes message = ap_request(nonce, content, 0);
    for (std::size_t octets = message.size() - 5; octets <= message.size() + 2; ++octets)
      CHECK(verdicts(message, octets) == both(octets < message.size() ? Verdict::malformed : Verdict::not_woken));
  }
  for (std::size_t octets = 0; octets <= 3; ++octets) CHECK(verdicts({4, 1, 0x10}, octets) == both(Verdict::malformed));
  for (const std::size_t octets : {22, 23, 24})
    CHECK(verdicts(sa_recovered(tag), octets) == both(octets == 23 ? Verdict::not_woken : Verdict::malformed));
  lockstep.finish();
}

TEST_CASE("RTL and model agree that a frame goes by its own time while a command runs") {
  const auto rtl = make_verilated_core(9);
  core::Core model;
  Lockstep lockstep(*rtl, model, 9);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 9);
  Command restore = make_command(CommandCode::restore, client6);
  restore.nonce = nonce;
  restore.lifetime = 1000;
  REQUIRE(bench.driver.command(restore).code == ResultCode::ok);
  bench.driver.write(core::address::command, static_cast<std::uint32_t>(CommandCode::read));
  lockstep.inputs.time_us += 1000;
  CHECK(bench.judge(net::build(to_server6(ap_request(nonce, 20, 0)))) == Verdict::not_woken);
  lockstep.finish();
}

TEST_CASE("RTL and model agree on the cycle in which mode and threshold count for a frame") {  // V6
  namespace address = core::address;
  const auto rtl = make_verilated_core(12);
  core::Core model;
  Lockstep lockstep(*rtl, model, 12);
  Bench bench(lockstep);
  core::Setup setup = both_families_setup();
  setup.event_mask = 0;
  bench.driver.bring_up(setup, 12);
  Command restore = make_command(CommandCode::restore, client4);
  restore.nonce = nonce;
  restore.lifetime = 1'000'000;
  REQUIRE(bench.driver.command(restore).code == ResultCode::ok);

  // Of a write that comes so many cycles after the frame's first beat. (Interval and tolerance are locked where a frame
  // might meet their change.)
  const auto judge_beside = [&](const Bytes& frame, unsigned cycles, std::uint16_t where, std::uint32_t value) {
    bench.verdicts.clear();
    bench.send(frame);
    bench.run(cycles);
    bench.driver.write(where, value);
    bench.run(60);
    REQUIRE(bench.verdicts.size() == 1);
    return bench.verdicts.front().out;
  };
  constexpr unsigned most = 60;
  unsigned dropped = 0;
  unsigned no_event = 0;
  for (unsigned cycles = 0; cycles < most; ++cycles) {
    bench.driver.write(address::client_initiated, 0);
    bench.driver.write(address::guessing, 0);
    const auto out = judge_beside(net::build(to_server4(ap_request(0, 0))), cycles, address::client_initiated, 2);
    dropped += out.verdict_pass ? 0 : 1;
    judge_beside(net::build(to_server4(ap_request(nonce ^ 1, 0))), cycles, address::guessing, cycles + 1);
    no_event += bench.driver.pop_event() ? 0 : 1;
  }
  for (const unsigned late : {dropped, no_event}) {
    CHECK(late > 0);
    CHECK(late < most);
  }
  CHECK(no_event - dropped == (four_reads ? 6 : 4));  // in T+8, and two cycles before the verdict
  lockstep.finish();
}

TEST_CASE("RTL and model agree on noise at the cutoffs of the health tests") {
  const auto rtl = make_verilated_core(10);
  core::Core model;
  Lockstep lockstep(*rtl, model, 10);
  Bench bench(lockstep);
  core::Setup setup = both_families_setup();
  setup.restart_limit = 0;
  bench.driver.bring_up(setup, 10);
  /// From a restart: what the tests say of the samples.
  const auto failures = [&](unsigned count, const auto& sample) {
    bench.driver.write(core::address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
    lockstep.inputs.entropy_valid = true;
    for (unsigned i = 0; i < count; ++i) {
      lockstep.inputs.entropy_data = static_cast<std::uint8_t>(sample(i));
      bench.step();
    }
    lockstep.inputs.entropy_valid = false;
    constexpr std::uint32_t both = REVEILLE_STATUS_RCT_FAILED_MASK | REVEILLE_STATUS_APT_FAILED_MASK;
    return bench.driver.read(core::address::status) & both;
  };
  for (const unsigned run : {10U, 11U}) {
    const auto said = failures(100, [run](unsigned i) { return i < 50 || i >= 50 + run ? i : 0xEE; });
    CHECK(said == (run == 10 ? 0 : REVEILLE_STATUS_RCT_FAILED_MASK));
  }
  for (const unsigned equal : {77U, 78U}) {  // of a window of 512
    const auto said = failures(512, [equal](unsigned i) { return i % 4 == 0 && i / 4 < equal ? 0x42 : 0x80 | i % 64; });
    CHECK(said == (equal == 77 ? 0 : REVEILLE_STATUS_APT_FAILED_MASK));
  }
  lockstep.finish();
}

TEST_CASE("RTL and model agree on a read of each register that waits through a reset, and on the next one") {
  const auto rtl = make_verilated_core(13);
  core::Core model;
  Lockstep lockstep(*rtl, model, 13);
  Bench bench(lockstep);
  core::Inputs& in = lockstep.inputs;
  for (unsigned address = 0; address < 0x1000; address += 4) {
    if (address >= 0x200 && address < 0x300) continue;  // counters are not defined so early (H12)
    in.araddr = static_cast<std::uint16_t>(address);
    in.arvalid = true;
    in.wdata = 0xFFFFFFFF;  // what no register is to take
    in.rst_n = false;
    bench.step();
    in.rst_n = true;
    while (!lockstep.outputs().arready) bench.step();
    bench.step();
    in.arvalid = false;
    bench.run(10);
    try {
      static_cast<void>(bench.driver.read(static_cast<std::uint16_t>(address)));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::protocol) throw;  // there is no such register
    }
  }
  lockstep.finish();
}

TEST_CASE("RTL and model agree on noise that is stuck from the first cycle on") {
  const auto rtl = make_verilated_core(14);
  core::Core model;
  Lockstep lockstep(*rtl, model, 14);
  Bench bench(lockstep);
  lockstep.inputs.entropy_valid = true;
  lockstep.inputs.entropy_data = 0x42;
  unsigned failed = 0;
  constexpr unsigned most = 40;  // cycles from the end of the reset until the host reads: it fails in one of them
  for (unsigned cycles = 0; cycles < most; ++cycles) {
    lockstep.inputs.rst_n = false;
    bench.step();
    lockstep.inputs.rst_n = true;
    bench.run(cycles);
    const std::uint32_t status = bench.driver.read(core::address::status);
    failed += (status & REVEILLE_STATUS_RCT_FAILED_MASK) != 0 ? 1 : 0;
  }
  CHECK(failed > 0);
  CHECK(failed < most);
  lockstep.finish();
}

TEST_CASE("RTL and model agree where a whole word is met, or missed by a bit") {
  const auto rtl = make_verilated_core(15);
  core::Core model;
  Lockstep lockstep(*rtl, model, 15);
  Bench(lockstep).driver.bring_up(both_families_setup(), 15);
  DirectedRun(lockstep, 15).play();
  lockstep.finish();
}

template <typename Run>
bool agree_in(LockstepPair& ready) {
  return in_child([&] { return ready.agrees([&] { Run(ready.lockstep, 16).play(); }); });
}

TEST_CASE("RTL and model agree in the parser, the corners and a crowded store, by every bit") {
  LockstepPair ready(16);
  Bench(ready.lockstep).driver.bring_up(both_families_setup(), 16);
  CHECK(agree_in<ParserRun>(ready));
  CHECK(agree_in<CornerRun>(ready));
  CHECK(agree_in<CrowdedRun>(ready));
}

TEST_CASE("RTL and model agree while the store fills up and empties") {
  const auto rtl = make_verilated_core(5);
  core::Core model;
  Lockstep lockstep(*rtl, model, 5);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 5);
  std::mt19937_64 random(5);
  // Every bit of a session is random, so that each part of the store compares something of its own.
  std::vector<Command> sessions;
  const auto one_bit = [&random](std::size_t octets) { return std::uint64_t{1} << random() % (8 * octets); };
  const auto send = [&bench](const net::Address& client, const Bytes& message) {
    net::UdpFrame frame = client.is_ipv4() ? to_server4(message) : to_server6(message);
    frame.source = client;
    bench.send(net::build(frame));
  };
  unsigned refused = 0, met = 0;
  constexpr unsigned too_many = 204;  // beyond what fits
  constexpr unsigned commands = config::kSessions + too_many;
  for (unsigned i = 0; i < commands; ++i) {
    // Of so many nonces some are drawn while the generator's counter carries.
    Command command =
        make_command(i % 2 == 0 ? CommandCode::restore : CommandCode::wake, i % 8 < 2 ? client4 : client6);
    const std::size_t begin = command.client.is_ipv4() ? 12 : 0;
    for (std::size_t octet = begin; octet < 16; ++octet)
      command.client.octets[octet] = static_cast<std::uint8_t>(random());
    if (command.client.octets[begin] >= 0xE0) command.client.octets[begin] ^= 0x20;  // no multicast
    command.nonce = static_cast<std::uint32_t>(random());
    command.tag = random();
    command.lifetime = 1000 + i;
    if (i % 4 == 0) command.phase = Phase::replied;
    const bool is_full = bench.driver.command(command).code == ResultCode::full;
    refused += is_full ? 1 : 0;
    if (!is_full && command.code == CommandCode::restore) sessions.push_back(command);
    if (i % 4 != 3 || sessions.empty()) continue;
    // One of those that are there gets an answer that differs in one bit; then its own.
    const std::size_t chosen = random() % sessions.size();
    const Command session = sessions[chosen];
    const bool replied = session.phase == Phase::replied;
    const Bytes answer = replied ? sa_recovered(session.tag) : ap_request(session.nonce);
    send(session.client, replied ? sa_recovered(session.tag ^ one_bit(8))
                                 : ap_request(session.nonce ^ static_cast<std::uint32_t>(one_bit(4))));
    send(session.client, answer);
    ++met;
    sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  CHECK(refused > too_many);
  CHECK(refused < 1000);
  unsigned expired = 0;
  for (unsigned i = 0; i < 60; ++i) {
    lockstep.inputs.time_us += 100;
    bench.run(30000);
    while (const auto event = bench.driver.pop_event()) expired += event->kind == core::EventKind::expired ? 1 : 0;
  }
  lockstep.finish();
  CHECK(expired == commands - refused);
  CHECK(bench.host.frames.size() == met);
}

}  // namespace
}  // namespace reveille::sim::test
