// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "live/session_book.hpp"
#include "reveille/core/driver.hpp"

namespace reveille::sim {

/// Watches another driver's writes to the registers, and books the commands that the core carries out.
class CommandWatch {
 public:
  explicit CommandWatch(core::Driver& driver) : driver_(driver) {}

  /// Writes; a write of COMMAND returns when the command has ended.
  void write(std::uint16_t address, std::uint32_t value, std::uint64_t now_us);
  /// A command was carried out, and is booked.
  std::function<void(const core::Command& command)> on_command;
  [[nodiscard]] SessionBook& book() { return book_; }
  [[nodiscard]] const SessionBook& book() const { return book_; }

 private:
  core::Driver& driver_;
  SessionBook book_;
  core::Command command_;  ///< as the registers of its arguments stand
};

}  // namespace reveille::sim
