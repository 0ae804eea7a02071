// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace reveille::driver {

/// One access of several; a read puts what it read into `value`.
struct Access {
  std::uint16_t address = 0;
  std::uint32_t value = 0;
  bool write = false;
};

/// The way to the registers of one core. All calls may come from two threads at once.
class Bus {
 public:
  Bus() = default;
  virtual ~Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// One access of a whole word. BusError where it is refused, BusTimeout where nothing answers.
  [[nodiscard]] virtual std::uint32_t read(std::uint16_t address) = 0;
  virtual void write(std::uint16_t address, std::uint32_t value) = 0;
  /// Accesses in their order. A bus on which each takes a journey makes one of them all.
  virtual void access(std::span<Access> accesses);
  /// Until `done`; BusTimeout naming `what` if that is not within `limit` of the core's time.
  virtual void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) = 0;
  /// A host message, descriptor and all (docs/architecture.md, A19). BusError where the registers are all there is.
  virtual void send(std::span<const std::uint8_t> message);

 private:
  friend class Driver;
  std::atomic_flag driven_;
};

}  // namespace reveille::driver
