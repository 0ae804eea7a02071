// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "catch.hpp"
#include "model/core/policy_config.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

constexpr std::uint64_t second = 1000000;
constexpr std::uint64_t walks = 25ULL * config::kSessions;  ///< cycles that both take at most (B4)

Command wake_command(const net::Address& client) {
  Command command = make_command(CommandCode::wake, client);
  command.lifetime = 30 * second;
  command.hop = 1;
  return command;
}

TEST_CASE("The core comes up as soon as its generator allows") {
  Core core;
  Bench bench(core);
  core.inputs.rst_n = false;
  bench.run(3);
  CHECK(core.outputs().net_rx_ready);   // T1: reset included
  CHECK(core.outputs().host_tx_ready);  // E1: 1 in reset
  core.inputs.rst_n = true;
  bench.run(3);  // R is the third cycle from now on

  // nonce_generator.md: the first nonce 7,772 cycles after R with a sample in every cycle; 1,024 blocks of four nonces:
  // 5 cycles from one to the next, 1,145 to the next block. The last one is accepted in k; ready in k+2 (S2).
  static_assert(config::kSessions / 2 < 7772, "the store is cleared by then");
  std::mt19937_64 noise(1);
  core.inputs.entropy_valid = true;
  constexpr unsigned k = 7772 + 1023 * (3 * 5 + 1145) + 3 * 5;
  const auto ready = [&core] { return core.outputs().rdata & 1; };
  // Reads of STATUS one after the other: each takes N+3 for what it returns.
  unsigned ready_from = 0;
  core.inputs.araddr = address::status;
  core.inputs.arvalid = true;
  for (unsigned cycle = 0; cycle < k + 20 && ready_from == 0; ++cycle) {
    core.inputs.entropy_data = static_cast<std::uint8_t>(noise());
    if (core.outputs().rvalid && ready() != 0) ready_from = cycle - 3;  // rvalid in N+6, value of N+3
    bench.step();
  }
  // A read every seven cycles meets the change within seven.
  CHECK(ready_from >= k + 2);
  CHECK(ready_from < k + 2 + 7);
}

TEST_CASE("Nothing is accepted in reset nor in the three cycles after it") {  // timing.md, "Reset"
  Core core;
  Bench bench(core);
  bench.run(10);
  core.inputs.rst_n = false;
  bench.run(2);
  core.inputs.rst_n = true;
  const unsigned lost_cycles = GENERATE(0U, 1U, 2U, 3U);
  bench.run(lost_cycles);
  bench.net_rx.push_back({true, 0, 0xFF, true, 0});
  bench.send_host(Bytes(8, 1));
  core.inputs.arvalid = true;
  bench.run(1);
  CHECK(core.outputs().arready == (lost_cycles == 3));
  core.inputs.arvalid = false;
  bench.run(20);
  CHECK(bench.verdicts.size() == (lost_cycles == 3 ? 1 : 0));
  CHECK(bench.net.frames.size() == (lost_cycles == 3 ? 1 : 0));
}

TEST_CASE("Behind a reset a core does what one does that was never at work") {  // timing.md, "Reset"
  Core used, fresh;
  {
    Bench bench(used);
    bench.driver.bring_up(both_families_setup(), 12);
    bench.driver.command(wake_command(client4));
    bench.send(net::build(to_server4(ap_request(nonce, 200))));
    bench.run(10);
    REQUIRE(!bench.net_rx.empty());  // the reset meets it, and the Wake Up
  }
  std::mt19937_64 random(1);
  for (unsigned cycle = 0; cycle < 40000; ++cycle) {
    Inputs in;
    in.rst_n = cycle >= 2;
    in.net_rx = {random() % 4 != 0, random(), 0xFF, random() % 9 == 0, 0};
    in.host_tx = {random() % 4 != 0, random(), 0xFF, random() % 9 == 0, 0};
    in.entropy_valid = true;
    in.entropy_data = static_cast<std::uint8_t>(random());
    in.arvalid = in.rready = true;
    in.araddr = static_cast<std::uint16_t>(random() % 0x100 * 4);
    used.inputs = fresh.inputs = in;
    used.clock();
    fresh.clock();
    if (!(used.outputs() == fresh.outputs())) FAIL("cycle " << cycle);
  }
}

TEST_CASE("A host message goes through the whole core, framed") {  // A19
  Core core;
  Bench bench(core);
  bench.driver.bring_up(both_families_setup(), 13);
  Bytes message(client4.octets.begin(), client4.octets.end());
  append(message, Bytes{3, 1, 0x10, 0});
  message.resize(32);
  append(message, Bytes{0xAA, 0xBB});
  bench.send_host(message, 1);
  bench.run(500);
  REQUIRE(bench.net.frames.size() == 1);
  const net::UdpDatagram sent = net::parse(bench.net.frames[0]);
  CHECK(sent.destination == client4);
  CHECK(sent.payload == Bytes{3, 1, 0x10, 0xAA, 0xBB});
}

TEST_CASE("A client is woken, answers, and recovers") {
  Core core;
  Bench bench(core);
  const Setup setup = both_families_setup();
  bench.driver.bring_up(setup, 7);
  core.inputs.time_us = 5 * second;

  const CommandResult woken = bench.driver.command(wake_command(client4));
  REQUIRE(woken.code == ResultCode::ok);
  REQUIRE(woken.entry.nonce != 0);
  bench.run(500);
  REQUIRE(bench.net.frames.size() == 1);
  const net::UdpDatagram wakeup = net::parse(bench.net.frames[0]);
  CHECK(wakeup.destination == client4);
  CHECK(wakeup.source == server4);
  CHECK(wakeup.tags.size() == 1);
  Bytes expected = {1, 1, 0x10};
  append_big_endian(expected, woken.entry.nonce, 4);
  expected.insert(expected.end(), setup.principal.begin(), setup.principal.end());
  expected.push_back(0);
  CHECK(wakeup.payload == expected);

  // The second after one interval, the third after two more.
  core.inputs.time_us += second - 1;
  bench.run(walks);
  CHECK(bench.net.frames.size() == 1);
  core.inputs.time_us += 1;
  bench.run(walks);
  CHECK(bench.net.frames.size() == 2);
  core.inputs.time_us += 2 * second - 1;
  bench.run(walks);
  CHECK(bench.net.frames.size() == 2);
  core.inputs.time_us += 1;
  bench.run(walks);
  CHECK(bench.net.frames.size() == 3);
  CHECK(bench.driver.read(address::wakeups_sent) == 3);

  const Bytes request = net::build(to_server4(ap_request(woken.entry.nonce)));
  CHECK(bench.judge(net::build(to_server4(ap_request(woken.entry.nonce ^ 1)))) == Verdict::false_nonce);
  CHECK(bench.judge(request) == Verdict::accepted);
  CHECK(bench.judge(request) == Verdict::repeat);
  bench.run(200);
  REQUIRE(bench.host.frames.size() == 1);
  CHECK(bench.host.frames[0] == request);
  CHECK(bench.host.users[0] == 13);

  Command reply = make_command(CommandCode::reply, client4);
  reply.tag = tag;
  CHECK(bench.driver.command(reply).code == ResultCode::ok);
  CHECK(bench.judge(request) == Verdict::resend);
  CHECK(bench.judge(net::build(to_server4(sa_recovered(tag + 1)))) == Verdict::false_nonce);
  CHECK(bench.judge(net::build(to_server4(sa_recovered(tag)))) == Verdict::sa_recovered);
  CHECK(bench.judge(net::build(to_server4(sa_recovered(tag)))) == Verdict::unexpected);
  const CommandResult shown = bench.driver.command(make_command(CommandCode::read, client4));
  CHECK(shown.code == ResultCode::ok);
  CHECK(shown.state == EntryState{Phase::recovered, 1, 2});
  CHECK(shown.entry.aux == tag);
  CHECK(shown.entry.client == client4);

  // Events: false_nonce, repeat, false_nonce, unexpected; then, at the deadline, expired.
  std::vector<Verdict> logged;
  while (const auto event = bench.driver.pop_event()) logged.push_back(event->verdict);
  CHECK(logged ==
        std::vector<Verdict>{Verdict::false_nonce, Verdict::repeat, Verdict::false_nonce, Verdict::unexpected});
  core.inputs.time_us = 40 * second;
  bench.run(walks);
  const auto expired = bench.driver.pop_event();
  REQUIRE(expired);
  CHECK(expired->kind == EventKind::expired);
  CHECK(expired->address == client4);
  CHECK(expired->value == woken.entry.nonce);
  CHECK(expired->time == 40 * second);
  CHECK(bench.judge(request) == Verdict::not_woken);
  bench.run(5);
  CHECK(bench.driver.counter(index(Verdict::false_nonce)) == 2);
  CHECK(bench.driver.counter(index(Verdict::accepted)) == 1);
}

TEST_CASE("Whoever is never heard is given up after the last try") {
  Core core;
  Bench bench(core);
  Setup setup = both_families_setup();
  setup.wake_tries = 3;
  bench.driver.bring_up(setup, 8);
  REQUIRE(bench.driver.command(wake_command(client6)).code == ResultCode::ok);
  for (unsigned i = 0; i < 20; ++i) {
    core.inputs.time_us += second;
    bench.run(walks);
  }
  CHECK(bench.net.frames.size() == 3);
  const auto event = bench.driver.pop_event();
  REQUIRE(event);
  CHECK(event->kind == EventKind::wake_failed);
  CHECK(event->time == 7 * second);  // 1 + 2 + 4 intervals
  CHECK(bench.driver.command(make_command(CommandCode::read, client6)).code == ResultCode::ok);
}

TEST_CASE("Verdicts come so many cycles after the last beat, whatever they are") {  // T4
  Core core;
  Bench bench(core);
  bench.driver.bring_up(both_families_setup(), 9);
  std::mt19937_64 random(3);
  bench.last_beats.clear();
  for (unsigned i = 0; i < 300; ++i) {
    Bytes frame(1 + random() % 100, 0);
    if (i % 3 == 0) frame = net::build(to_server4(ap_request(5, random() % 300)));
    bench.send(frame);
    if (i % 5 == 0) bench.net_rx.insert(bench.net_rx.end(), random() % 4, StreamSource{});
  }
  while (!bench.net_rx.empty()) bench.step();
  bench.run(20);
  REQUIRE(bench.verdicts.size() == bench.last_beats.size());
  for (std::size_t i = 0; i < bench.verdicts.size(); ++i) {
    if (bench.verdicts[i].cycle != bench.last_beats[i] + verdict_after) FAIL("frame " << i);
  }
}

// Every verdict of the core is the untimed guard's, whether time walks or jumps.
TEST_CASE("The core judges random traffic as the untimed guard does") {
  const std::uint64_t longest_step = GENERATE(1U, 3U, 4000U, 2000000U);
  Core core;
  Bench bench(core);
  Setup setup = both_families_setup();
  setup.server.client_initiated = ClientInitiated::pass_limited;
  setup.server.interval_us = 1000;
  setup.server.tolerance_us = 3000;
  bench.driver.bring_up(setup, 10);
  policy::UntimedGuard guard(policy_config(setup.server));
  std::mt19937_64 random(longest_step);
  std::vector<net::Address> clients;
  for (unsigned i = 0; i < 12; ++i) {
    net::Address client = i % 2 == 0 ? client4 : client6;
    client.octets[15] = static_cast<std::uint8_t>(i);
    clients.push_back(client);
  }
  std::array<unsigned, kVerdictCount> seen{};
  for (unsigned i = 0; i < 6000; ++i) {
    core.inputs.time_us += random() % longest_step;
    const std::uint64_t now = core.inputs.time_us;
    const net::Address& client = clients[random() % clients.size()];
    switch (random() % 8) {
      case 0: {
        Command command = make_command(CommandCode::restore, client);
        command.nonce = nonce;
        command.lifetime = 1 + random() % (40 * longest_step);
        command.phase = static_cast<Phase>(random() % 4);
        command.tag = tag;
        const auto expected = guard.restore(client, nonce, command.phase, tag, now, command.lifetime);
        CHECK((bench.driver.command(command).code == ResultCode::ok) == (expected == ResultCode::ok));
        break;
      }
      case 1: {
        const auto code = static_cast<CommandCode>(2 + random() % 3);
        Command command = make_command(code, client);
        command.tag = tag;
        const auto expected = code == CommandCode::reply    ? guard.reply(client, tag, now)
                              : code == CommandCode::reject ? guard.reject(client, now)
                                                            : guard.close(client, now);
        CHECK((bench.driver.command(command).code == ResultCode::ok) == (expected == ResultCode::ok));
        break;
      }
      default: {
        const bool recovers = random() % 3 == 0;
        const Bytes payload =
            recovers ? sa_recovered(tag + (random() % 3 == 0 ? 1 : 0))
                     : ap_request(random() % 6 == 0 ? 0 : nonce ^ (random() % 4 == 0 ? 1 : 0), random() % 100);
        net::UdpFrame frame = client.is_ipv4() ? to_server4(payload) : to_server6(payload);
        frame.source = client;
        const Bytes octets = net::build(frame);
        const auto [facts, decision, guessing] = guard.judge_in_full(octets, now);
        const Verdict expected = decision.verdict;
        const Verdict verdict = bench.judge(octets);
        if (bench.verdicts.front().out.verdict_pass != decision.to_host) FAIL("step " << i << ": passes or not");
        if (verdict != expected) FAIL("step " << i << ": " << verdict << " instead of " << expected);
        ++seen[index(verdict)];
      }
    }
  }
  for (const Verdict verdict : {Verdict::client_initiated, Verdict::not_woken, Verdict::false_nonce, Verdict::repeat,
                                Verdict::accepted, Verdict::resend, Verdict::unexpected, Verdict::sa_recovered}) {
    CHECK(seen[index(verdict)] > 10);
  }
}

TEST_CASE("Random inputs break no promise of the outputs") {
  Core core;
  std::mt19937_64 random(11);
  const auto coin = [&random](unsigned percent) { return random() % 100 < percent; };
  StreamSource held;
  bool net_ready = true;
  unsigned since_reset = 0;
  for (unsigned cycle = 0; cycle < 400000; ++cycle) {
    Inputs& in = core.inputs;
    const Outputs& out = core.outputs();
    if (out.net_rx_ready != net_ready || !out.entropy_ready) FAIL("cycle " << cycle);
    if (!out.verdict_valid && (out.verdict_code != 0 || out.verdict_value != 0)) FAIL("cycle " << cycle);
    if (!out.host_rx.valid && !(out.host_rx == StreamSource{})) FAIL("cycle " << cycle);
    if (held.valid && !(held == out.host_rx)) FAIL("an offered beat changed in cycle " << cycle);

    in.rst_n = !coin(0) && cycle % 200000 != 199999;
    in.net_rx = {coin(80), random(), 0xFF, coin(15), 0};
    if (in.net_rx.last) in.net_rx.keep = static_cast<std::uint8_t>(0xFF >> random() % 8);
    in.host_tx = {coin(50), random(), 0xFF, coin(5), static_cast<std::uint8_t>(random() & 1)};
    in.net_tx_ready = coin(60);
    in.host_rx_ready = coin(70);
    in.entropy_valid = coin(50);
    in.entropy_data = static_cast<std::uint8_t>(random());
    in.time_us += random() % 10;
    in.awaddr = in.araddr = static_cast<std::uint16_t>(random() & 0xFFF);
    in.awvalid = coin(30);
    in.wvalid = coin(30);
    in.arvalid = coin(30);
    in.wdata = static_cast<std::uint32_t>(random());
    in.bready = coin(50);
    in.rready = coin(50);
    // T1, T13; what comes in reset is not accepted.
    since_reset = in.rst_n ? since_reset + 1 : 0;
    net_ready = !four_reads || !(net_ready && in.net_rx.valid && since_reset > 3);
    held = out.host_rx.valid && !in.host_rx_ready && in.rst_n ? out.host_rx : StreamSource{};
    core.clock();
  }
}

}  // namespace
}  // namespace reveille::core::test
