// SPDX-License-Identifier: Apache-2.0
// The story's driver of the core, against the model of the core: what its commands leave in the store.
#include "story/host_interface.hpp"

#include <utility>

#include "catch.hpp"
#include "reveille/core/core.hpp"
#include "reveille/core/driver.hpp"
#include "reveille/core/register_map.hpp"

using namespace reveille;
using namespace reveille::sim;

TEST_CASE("A session that the host puts back waits for its SA Recovered in the core") {
  core::Core core;
  core::Driver driver(core);
  core::Setup setup;
  setup.server.ipv4 = {net::Address::parse("192.0.2.1")};
  setup.noise_silence = 0;
  driver.bring_up(setup, 1);
  driver.write(core::address::irq_enable, HostInterface::interrupts());
  std::vector<std::function<void()>> posted;
  HostInterface host([&](std::function<void()> call) { posted.push_back(std::move(call)); });
  const net::Address client = net::Address::parse("198.18.0.1");
  std::optional<ResultCode> result;
  const auto ends_with = [&] {
    result.reset();
    for (int cycle = 0; cycle < 10'000 && !result; ++cycle) {
      host.drive(core.outputs(), core.inputs, 0);
      core.clock();
      for (const auto& call : std::exchange(posted, {})) call();
    }
    return result.value();
  };
  const auto done = [&](ResultCode code) { result = code; };

  const core::Command restore{.code = CommandCode::restore,
                              .client = client,
                              .lifetime = 30'000'000,
                              .tag = 0x0123'4567'89AB'CDEF,
                              .nonce = 0x1BADCAFE,
                              .phase = Phase::replied};
  host.command(restore, done);
  CHECK(ends_with() == ResultCode::ok);
  host.command(restore, done);
  CHECK(ends_with() == ResultCode::live);
  core::Command read;
  read.code = CommandCode::read;
  read.client = client;
  const core::CommandResult shown = driver.command(read);
  REQUIRE(shown.code == ResultCode::ok);
  CHECK(shown.state.phase == Phase::replied);
  CHECK(shown.entry.nonce == 0x1BADCAFE);
  CHECK(shown.entry.aux == 0x0123'4567'89AB'CDEF);
  CHECK(shown.entry.deadline == 30'000'000);
}
