// SPDX-License-Identifier: Apache-2.0
// Other traffic to the host does not crowd out the frames that the sessions wait for: the reserve of the frame buffer
// (docs/architecture.md, "Room"), under a bypass flood at line rate with a host that takes a part of it.
#include <iostream>
#include <random>

#include "catch.hpp"
#include "engine/core_engine.hpp"
#include "model/core/support.hpp"
#include "system/engine_under_test.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;

constexpr unsigned kClients = 400;
constexpr unsigned kLineOverhead = 24;  // octets of preamble, FCS and gap

net::Address client(unsigned i) {
  net::Address address = client4;
  address.octets[14] = static_cast<std::uint8_t>(i >> 8);
  address.octets[15] = static_cast<std::uint8_t>(i);
  return address;
}

struct Count {
  std::uint64_t accepted = 0;  // by verdict
  std::uint64_t lost = 0;      // of them
  std::uint64_t bypass = 0;
  std::uint64_t bypass_lost = 0;
};

/// `percent`: of the line's rate that the host takes.
Count flood(unsigned percent, core::CoreInterface& core) {
  Bench bench(core);
  core::Setup setup = both_families_setup();
  setup.event_mask = 0;
  setup.noise_silence = 0;
  bench.driver.bring_up(setup, 21);
  for (unsigned i = 0; i < kClients; ++i) {
    Command restore = make_command(CommandCode::restore, client(i));
    restore.nonce = nonce + i;
    restore.lifetime = std::uint64_t{1} << 40;
    REQUIRE(bench.driver.command(restore).code == ResultCode::ok);
  }
  std::mt19937_64 random(percent);
  bench.perturb = [&](core::Inputs& in) { in.host_rx_ready = random() % 100 < percent; };
  Count count;
  std::uint64_t octets = 0;
  // A true AP Request of some 600 octets behind every 8,000 to 24,000 octets of flood, of which a host of 10 % takes
  // 800 to 2,400.
  const auto take_verdicts = [&] {
    for (const auto& seen : bench.verdicts) {
      const auto verdict = static_cast<Verdict>(seen.out.verdict_code);
      (verdict == Verdict::accepted ? count.accepted : count.bypass) += 1;
      if (seen.out.verdict_lost) (verdict == Verdict::accepted ? count.lost : count.bypass_lost) += 1;
    }
    bench.verdicts.clear();
  };
  const auto send = [&](const Bytes& frame) {
    bench.send(frame);
    octets += frame.size() + kLineOverhead;
    for (; octets / 8 > bench.net_rx.size(); bench.net_rx.emplace_back()) {
    }
    while (!bench.net_rx.empty()) bench.step();
    octets %= 8;
    take_verdicts();
  };
  for (unsigned i = 0; i < kClients; ++i) {
    for (std::uint64_t room = 8'000 + random() % 16'000; room > 1'514;) {
      const std::uint64_t size = 60 + random() % 1'455;
      send(Bytes(size, 0xEE));
      room -= size;
    }
    net::UdpFrame request = to_server4(ap_request(nonce + i, 500));
    request.source = client(i);
    send(net::build(request));
  }
  bench.perturb = {};
  core.inputs.host_rx_ready = true;
  bench.run(5'000);
  take_verdicts();
  unsigned at_host = 0;
  for (const std::uint8_t user : bench.host.users)
    at_host += user == static_cast<std::uint8_t>(Verdict::accepted) ? 1 : 0;
  CHECK(at_host == count.accepted - count.lost);
  CHECK(bench.driver.counter(17) == count.bypass_lost);
  CHECK(bench.driver.counter(19) == count.lost);
  core.finish();
  return count;
}

TEST_CASE("A bypass flood at line rate takes no true AP Request's room") {
  for (const unsigned percent : {50U, 10U}) {
    CoreSet cores(engine_under_test(), percent);
    const Count count = flood(percent, cores.core());
    std::cout << "host takes " << percent << " %: " << count.lost << " of " << count.accepted
              << " accepted frames lost, " << count.bypass_lost << " of " << count.bypass << " that bypass\n";
    CHECK(count.accepted == kClients);
    CHECK(count.lost == 0);
    CHECK(count.bypass_lost > 0);
  }
}

}  // namespace
}  // namespace reveille::sim::test
