// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "reveille/core/command.hpp"

namespace reveille::sim {

/// Which sessions live in the core, by the commands that it was given, and when it has something to do for one: a Wake
/// Up, or its end. Times are those of the core.
class SessionBook {
 public:
  void set_tries(unsigned tries) { tries_ = tries; }                            ///< WAKE.tries
  void set_interval(std::uint64_t interval_us) { interval_us_ = interval_us; }  ///< WAKE_INTERVAL
  /// A command that was carried out at that time; of a wake with the nonce that it drew.
  void note(const core::Command& command, std::uint64_t now_us);
  /// Whether something has become due since the last call.
  bool due(std::uint64_t now_us);
  [[nodiscard]] std::optional<std::uint64_t> next_due() const;
  [[nodiscard]] std::size_t live() const { return sessions_.size(); }

  struct Session {
    std::uint64_t number = 0;
    std::uint64_t deadline = 0;
    core::Command restore;  ///< what puts it into another core, but for the lifetime
  };
  [[nodiscard]] const std::unordered_map<net::Address, Session>& sessions() const { return sessions_; }
  /// The client's session, as commands left it; null when there is none.
  [[nodiscard]] const Session* find(const net::Address& client) const;

 private:
  struct Due {
    std::uint64_t time = 0;
    std::uint64_t number = 0;  ///< of the session: one that has ended meanwhile is not looked at
    net::Address client;
    bool operator>(const Due& other) const { return time > other.time; }
  };

  unsigned tries_ = 0;
  std::uint64_t interval_us_ = 0;
  std::uint64_t begun_ = 0;
  std::unordered_map<net::Address, Session> sessions_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace reveille::sim
