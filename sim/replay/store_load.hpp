// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <iosfwd>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine.hpp"

namespace reveille::sim {

/// The engine's store as the host of a replay fills it: hands the commands on, and counts the sessions that live at
/// once. Times never go back.
class StoreLoad {
 public:
  explicit StoreLoad(Engine& engine) : engine_(engine) {}

  ResultCode command(const driver::Command& command, std::uint64_t time_us);

  /// Says once, where more sessions lived at once than the store is planned for, that it is so.
  void note(std::ostream& messages);
  /// The same for the table, with how many there were.
  void print(std::ostream& out) const;

 private:
  Engine& engine_;
  std::unordered_map<net::Address, std::uint64_t> deadlines_;  ///< of the sessions that live
  using Deadline = std::pair<std::uint64_t, net::Address>;
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> next_;  ///< those of closed ones, too
  std::size_t most_ = 0;
  bool said_ = false;
};

}  // namespace reveille::sim
