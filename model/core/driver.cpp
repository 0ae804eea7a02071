// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/driver.hpp"

#include <random>

#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::core {

Driver::Driver(CoreInterface& core, std::function<void()> step)
    : OwnBus{CoreBus(core, std::move(step))}, driver::Driver(bus), core_(core) {}

void Driver::bring_up(const Setup& setup, std::uint64_t seed) {
  core_.inputs.rst_n = false;
  run(2);
  core_.inputs.rst_n = true;
  configure(setup);
  load_framing(setup.hops, setup.principal);
  feed_entropy(seed);
}

void Driver::feed_entropy(std::uint64_t seed, std::uint64_t limit) {
  constexpr std::uint32_t wanted = MASK(STATUS_READY) | MASK(STATUS_SEEDED);
  constexpr unsigned poll_interval = 64;
  std::mt19937_64 noise(seed);
  for (std::uint64_t cycle = 0; cycle < limit; ++cycle) {
    core_.inputs.entropy_valid = true;
    core_.inputs.entropy_data = static_cast<std::uint8_t>(noise());
    run(1);
    core_.inputs.entropy_valid = false;
    if (cycle % poll_interval == 0 && (read(address::status) & wanted) == wanted) return;
  }
  throw driver::BusTimeout("the nonce generator does not get ready");
}

}  // namespace reveille::core
