// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reveille/driver/bus.hpp"

namespace reveille::sim {

/// The way to a core that a command line names: the control socket of `reveille live`, a memory-mapped file, or
/// etherbone:ADDRESS. Throws
/// what the bus does where nothing is there.
std::unique_ptr<driver::Bus> open_bus(const std::string& where);

/// Cores of which one is driven at a time, in the order of the command line.
class CoreBuses {
 public:
  explicit CoreBuses(std::vector<std::string> places) : places_(std::move(places)) {}

  [[nodiscard]] bool empty() const { return places_.empty(); }
  /// The first that lets itself be driven; one that stands by may be about to. After a while without, what the first
  /// one said: half a second at the start, half a minute later. Interrupted where a signal that ends the program comes.
  std::unique_ptr<driver::Bus> connect();
  /// That was connected last.
  [[nodiscard]] const std::string& current() const { return current_; }

 private:
  std::vector<std::string> places_;
  std::string current_;
};

}  // namespace reveille::sim
