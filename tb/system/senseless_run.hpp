// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "reveille/core/ports.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::sim::test {

/// Inputs of any values in every cycle, but for what has no defined result.
class SenselessRun {
 public:
  SenselessRun(core::CoreInterface& core, std::uint64_t seed) : core_(core), random_(seed) {}

  /// A cycle, in which the core is reset or not.
  void step(bool resets) {
    since_reset_ = resets ? 0 : since_reset_ + 1;
    if (cycle_++ % 1000 == 0) last_percent_ = static_cast<unsigned>(1 + random_() % 90);
    core::Inputs& in = core_.inputs;
    in.rst_n = !resets;
    // What a source offers stays until it is taken.
    if (net_free_) {
      in.net_rx = {chance(80), random_(), 0xFF, chance(last_percent_), 0};
      if (in.net_rx.last) in.net_rx.keep = static_cast<std::uint8_t>(0xFF >> random_() % 8);
    }
    if (host_free_) {
      in.host_tx = {chance(50), random_(), 0xFF, chance(last_percent_), static_cast<std::uint8_t>(random_() & 1)};
      if (in.host_tx.last) in.host_tx.keep = static_cast<std::uint8_t>(0xFF >> random_() % 8);
    }
    in.net_tx_ready = chance(60);
    in.host_rx_ready = chance(70);
    in.entropy_valid = chance(50);
    in.entropy_data = static_cast<std::uint8_t>(random_());
    in.time_us += random_() % 10;
    drive_bus();
    in.bready = chance(50);
    in.rready = chance(50);
    const core::Outputs& out = core_.outputs();
    net_free_ = !in.net_rx.valid || out.net_rx_ready;
    host_free_ = !in.host_tx.valid || out.host_tx_ready;
    address_free_ = !in.awvalid || out.awready;
    data_free_ = !in.wvalid || out.wready;
    read_free_ = !in.arvalid || out.arready;
    core_.clock();
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void drive_bus() {
    core::Inputs& in = core_.inputs;
    if (address_free_) {
      in.awvalid = chance(30);
      in.awaddr = static_cast<std::uint16_t>(random_() & 0xFFF);
    }
    if (data_free_) {
      in.wvalid = chance(30);
      in.wdata = static_cast<std::uint32_t>(random_());
      in.wdata &= static_cast<std::uint32_t>(random_());
      in.wstrb = chance(90) ? 0xF : static_cast<std::uint8_t>(random_() & 0xF);
    }
    if (read_free_) {
      in.arvalid = chance(30);
      in.araddr = static_cast<std::uint16_t>(random_() & 0xFFF);
    }
    // Counters are not defined so early (H12).
    if (since_reset_ < 100 && in.araddr >= 0x200 && in.araddr < 0x300) in.arvalid = false;
    // No server addresses: to change them while a message is framed has no defined result.
    if (in.awvalid && (in.awaddr & 0xFE0) == core::address::server_enable) in.wstrb &= 7;
  }

  core::CoreInterface& core_;
  std::mt19937_64 random_;
  std::uint64_t cycle_ = 0;
  unsigned since_reset_ = 0;
  unsigned last_percent_ = 10;
  bool net_free_ = true;
  bool host_free_ = true;
  bool address_free_ = true;
  bool data_free_ = true;
  bool read_free_ = true;
};

}  // namespace reveille::sim::test
