// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "reveille/core/ports.hpp"
#include "reveille/driver/bus.hpp"

namespace reveille::core {

/// The AXI4-Lite ports of a core, Verilated or its model. Every access runs as many cycles as it takes, by the step
/// that the simulation gives, so that everything else goes on meanwhile.
class CoreBus : public driver::Bus {
 public:
  /// `step` moves the whole simulation by one cycle; by default only the core's clock.
  explicit CoreBus(CoreInterface& core, std::function<void()> step = {});

  /// BusTimeout where the core does not answer within 100,000 cycles.
  [[nodiscard]] std::uint32_t read(std::uint16_t address) override;
  void write(std::uint16_t address, std::uint32_t value) override;
  /// The limit goes by the cycles of 156.25 MHz.
  void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) override;
  void run(std::uint64_t cycles);

 private:
  void step();
  template <typename Condition>
  void answer(Condition condition, const char* port);

  CoreInterface& core_;
  std::function<void()> step_;
  std::mutex mutex_;  ///< held through a transaction, or a step
};

}  // namespace reveille::core
