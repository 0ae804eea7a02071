// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

/// Cycles a second of wall time.
double speed(Core& core, const std::vector<StreamSource>& traffic, unsigned cycles) {
  const auto begin = std::chrono::steady_clock::now();
  std::size_t at = 0;
  unsigned verdicts = 0;
  for (unsigned cycle = 0; cycle < cycles; ++cycle) {
    core.inputs.net_rx = traffic.empty() ? StreamSource{} : traffic[at];
    if (++at >= traffic.size()) at = 0;
    core.inputs.time_us += cycle % 156 == 0 ? 1 : 0;
    verdicts += core.outputs().verdict_valid ? 1 : 0;
    core.clock();
  }
  CHECK((verdicts != 0) == !traffic.empty());
  return cycles / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_CASE("Speed of the model", "[.bench]") {
  Core core;
  Bench bench(core);
  bench.driver.bring_up(both_families_setup(), 12);
  for (unsigned i = 0; i < 3000; ++i) {
    Command command = make_command(CommandCode::restore, client4);
    command.client.octets[13] = static_cast<std::uint8_t>(i >> 8);
    command.client.octets[14] = static_cast<std::uint8_t>(i);
    command.nonce = nonce;
    command.lifetime = 3600'000'000;
    bench.driver.command(command);
  }
  std::vector<StreamSource> shortest;
  for (unsigned i = 0; i < 100; ++i) {
    net::UdpFrame frame = to_server4(ap_request(i % 2 == 0 ? nonce : nonce + 1, 0, 2));
    frame.source.octets[13] = static_cast<std::uint8_t>(i);
    const auto some = beats(net::build(frame));
    REQUIRE(some.size() == 7);
    shortest.insert(shortest.end(), some.begin(), some.end());
    shortest.emplace_back();  // frames of 60 octets have eight beats
  }
  const std::vector<StreamSource> long_frames = beats(net::build(to_server4(ap_request(nonce, 1300))));
  std::cout << "idle:              " << speed(core, {}, 6000000) / 1e6 << " Mcycle/s\n"
            << "shortest frames:   " << speed(core, shortest, 6000000) / 1e6 << " Mcycle/s\n"
            << "1,300-octet frames: " << speed(core, long_frames, 6000000) / 1e6 << " Mcycle/s\n";
}

}  // namespace
}  // namespace reveille::core::test
