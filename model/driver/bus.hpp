// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace reveille::driver {

/// The way to the registers of one core. All three calls may come from two threads at once.
class Bus {
 public:
  Bus() = default;
  virtual ~Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// One access of a whole word. BusError where it is refused, BusTimeout where nothing answers.
  [[nodiscard]] virtual std::uint32_t read(std::uint16_t address) = 0;
  virtual void write(std::uint16_t address, std::uint32_t value) = 0;
  /// Until `done`; BusTimeout naming `what` if that is not within `limit` of the core's time.
  virtual void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) = 0;

 private:
  friend class Driver;
  std::atomic_flag driven_;
};

}  // namespace reveille::driver
