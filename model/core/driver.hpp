// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/command.hpp"
#include "reveille/core/core_bus.hpp"
#include "reveille/driver/driver.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::core {

using driver::Hop, driver::ServerSetup, driver::Setup;

/// Of a driver that has its bus itself: a base, for it must be there before the driver.
struct OwnBus {
  CoreBus bus;
};

/// The driver of a core in simulation, and what no bus gives: reset, and noise.
class Driver : private OwnBus, public driver::Driver {
 public:
  /// `step` moves the whole simulation by one cycle; by default only the core's clock.
  explicit Driver(CoreInterface& core, std::function<void()> step = {});

  void run(std::uint64_t cycles) { bus.run(cycles); }

  /// Reset, configuration, framing memory, and noise of a generator seeded with `seed` on the entropy port until the
  /// core is ready. The noise stops then: who runs through 262,144 nonces, or longer than Setup::noise_silence, feeds
  /// more.
  void bring_up(const Setup& setup, std::uint64_t seed);
  /// Until STATUS.ready and STATUS.seeded; BusTimeout after `limit` cycles.
  void feed_entropy(std::uint64_t seed, std::uint64_t limit = 2000000);

 private:
  CoreInterface& core_;
};

}  // namespace reveille::core
