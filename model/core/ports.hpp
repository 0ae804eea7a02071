// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace reveille::core {

/// One direction of a 64-bit AXI4-Stream as its source drives it; octet 0 is bits 7:0 of `data`.
struct StreamSource {
  bool valid = false;
  std::uint64_t data = 0;
  std::uint8_t keep = 0;
  bool last = false;
  std::uint8_t user = 0;
  bool operator==(const StreamSource&) const = default;
};

/// Every input of the core, as it stands during one cycle (docs/architecture.md, "Top-level ports").
struct Inputs {
  bool rst_n = true;
  StreamSource net_rx;         ///< s_axis_net
  StreamSource host_tx;        ///< s_axis_host; user bit 0: a host message (or its header says so: A28)
  bool net_tx_ready = true;    ///< m_axis_net_tready
  bool host_rx_ready = true;   ///< m_axis_host_tready
  bool entropy_valid = false;  ///< s_axis_entropy
  std::uint8_t entropy_data = 0;
  std::uint64_t time_us = 0;  ///< time_i, 52 bits
  // s_axil
  std::uint16_t awaddr = 0;
  bool awvalid = false;
  std::uint32_t wdata = 0;
  std::uint8_t wstrb = 0xF;
  bool wvalid = false;
  bool bready = true;
  std::uint16_t araddr = 0;
  bool arvalid = false;
  bool rready = true;
  bool operator==(const Inputs&) const = default;
};

/// Every output of the core during one cycle. Data is 0 while its valid is low (docs/timing.md).
struct Outputs {
  bool net_rx_ready = false;   ///< s_axis_net_tready
  bool host_tx_ready = false;  ///< s_axis_host_tready
  StreamSource net_tx;         ///< m_axis_net
  StreamSource host_rx;        ///< m_axis_host; user: the verdict in the last beat (A28: a header may lead it)
  bool entropy_ready = false;
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  std::uint8_t bresp = 0;
  bool arready = false;
  bool rvalid = false;
  std::uint32_t rdata = 0;
  std::uint8_t rresp = 0;
  bool irq = false;
  bool verdict_valid = false;
  std::uint8_t verdict_code = 0;
  bool verdict_pass = false;
  bool verdict_lost = false;
  std::array<std::uint32_t, 4> verdict_source{};  ///< word 0 = first four octets of the address
  std::uint32_t verdict_value = 0;
  bool operator==(const Outputs&) const = default;
};

/// What the simulation drives: the Verilated core and the cycle-accurate model are interchangeable behind it.
/// A cycle is: set `inputs`, read `outputs()` of this cycle, then call `clock()` for the rising edge that ends it.
/// Every output follows from registers alone or is constant, so outputs never depend on the inputs of the same cycle.
class CoreInterface {
 public:
  virtual ~CoreInterface() = default;
  Inputs inputs;
  virtual const Outputs& outputs() = 0;  ///< outputs of the current cycle
  virtual void clock() = 0;              ///< takes `inputs` and moves to the next cycle
  virtual void finish() {}               ///< at the end of a run: Error{internal} if a check of its own has failed

  /// As many of the next cycles at once as only move the octets of frames: as if each showed the next eight of `octets`
  /// on s_axis_net, valid, not last and with user 0, and all other inputs stood. What m_axis_host hands over in them is
  /// added to `host`. Returns how many; 0 where something else is due, or where this core always goes step by step.
  virtual std::size_t stream(std::span<const std::uint8_t> octets, std::vector<StreamSource>& host) {
    static_cast<void>(octets), static_cast<void>(host);
    return 0;
  }
  bool operator==(const CoreInterface&) const = default;
};

}  // namespace reveille::core
