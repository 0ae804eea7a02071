// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, in what random traffic hardly ever comes to.
#include <catch2/catch.hpp>
#include <random>

#include "engine/lockstep.hpp"
#include "engine/verilated_core.hpp"
#include "model/core/support.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;
using core::CommandCode;

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
    REQUIRE(bench.driver.command(wake).code == core::ResultCode::ok);
    reads.push_back(make_command(CommandCode::read, wake.client));
  }
  // A walk over the store takes 24,576 cycles, and in each all Wake Ups are due. Of neighbours the second finds the
  // framer busy until the first has had all of its own.
  for (unsigned walk = 0; walk < 40; ++walk) {
    lockstep.inputs.time_us += 1 << 18;
    bench.run(25'000);
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
  setup.server.client_initiated = policy::ServerConfig::pass_limited;
  setup.server.interval_us = 1000;
  setup.server.tolerance_us = 1000;
  bench.driver.bring_up(setup, 7);
  Command restore = make_command(CommandCode::restore, client6);
  restore.nonce = nonce;
  restore.lifetime = 1'000'000;
  REQUIRE(bench.driver.command(restore).code == core::ResultCode::ok);

  lockstep.inputs.host_rx_ready = false;
  lockstep.inputs.time_us += 1000;
  for (unsigned i = 0; i < 300; ++i) bench.send(Bytes(64, 0xEE));  // bypass, more than the buffer holds
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

TEST_CASE("RTL and model agree while the store fills up and empties") {
  const auto rtl = make_verilated_core(5);
  core::Core model;
  Lockstep lockstep(*rtl, model, 5);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 5);
  std::mt19937_64 random(5);
  unsigned refused = 0;
  for (unsigned i = 0; i < 4300; ++i) {
    // Of so many nonces some are drawn while the generator's counter carries.
    Command command = make_command(i % 2 == 0 ? CommandCode::restore : CommandCode::wake, client6);
    for (unsigned octet = 8; octet < 16; ++octet) command.client.octets[octet] = static_cast<std::uint8_t>(random());
    command.nonce = nonce;
    command.lifetime = 1000 + i;
    refused += bench.driver.command(command).code == core::ResultCode::full ? 1 : 0;
    if (i % 16 == 0) {
      net::UdpFrame frame = to_server6(ap_request(nonce));
      frame.source = command.client;
      bench.send(net::build(frame));
    }
  }
  CHECK(refused > 204);  // 4,300 do not fit into 4,096
  CHECK(refused < 1000);
  unsigned expired = 0;
  for (unsigned i = 0; i < 60; ++i) {
    lockstep.inputs.time_us += 100;
    bench.run(30000);
    while (const auto event = bench.driver.pop_event()) expired += event->kind == core::EventKind::expired ? 1 : 0;
  }
  lockstep.finish();
  CHECK(expired == 4300 - refused);
}

}  // namespace
}  // namespace reveille::sim::test
