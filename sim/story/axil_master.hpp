// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "reveille/core/ports.hpp"

namespace reveille::sim {

/// An AXI4-Lite master that works through a queue, one transfer at a time, while the core's other ports run on.
class AxilMaster {
 public:
  using ReadDone = std::function<void(std::uint32_t)>;
  using WriteDone = std::function<void()>;

  void write(std::uint16_t address, std::uint32_t data, WriteDone done = {});
  void read(std::uint16_t address, ReadDone done);

  [[nodiscard]] bool idle() const { return queue_.empty(); }
  /// Once a cycle, before CoreInterface::clock(): answers the outputs of this cycle, sets the inputs of this cycle.
  /// Throws Error{internal} when the core answers with an error response: the simulation never asks for one.
  void drive(const core::Outputs& outputs, core::Inputs& inputs);

 private:
  struct Transfer {
    bool is_write = false;
    std::uint16_t address = 0;
    std::uint32_t data = 0;
    ReadDone read_done;
    WriteDone write_done;
  };
  /// Takes the front of the queue and calls it back; the callback may queue more.
  void finish(std::uint32_t data, std::uint8_t response);

  std::deque<Transfer> queue_;
  bool address_taken_ = false;
  bool data_taken_ = false;
};

}  // namespace reveille::sim
