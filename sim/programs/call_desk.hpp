// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "call/call_agent.hpp"
#include "programs/event_loop.hpp"
#include "programs/log.hpp"
#include "reveille/nodes/controller.hpp"

namespace reveille::sim {

/// The call of a controller's program: two of its clients, who are authenticated, get the keys with which they speak
/// to each other, in signalling under their associations. One call for each time that the caller dials.
class CallDesk {
 public:
  struct Config {
    CallAgent::Line caller, called;
    /// A private file with the keys of the media, a line each way, as RFC 4568 writes them; none without.
    std::optional<std::filesystem::path> media_keys;
  };
  /// `own`: the address from which a client is spoken to. All are kept.
  CallDesk(Config config, nodes::Controller& controller,
           std::function<std::optional<net::Address>(const net::Address& client)> own, const EventLoop& loop,
           const Log& log);
  CallDesk(const CallDesk&) = delete;
  CallDesk& operator=(const CallDesk&) = delete;

  [[nodiscard]] std::optional<nodes::Time> deadline() const { return agent_->deadline(); }
  void expire();

 private:
  void begin();
  /// Says what has changed.
  void report();

  Config config_;
  CallAgent::Say say_;
  const EventLoop& loop_;
  const Log& log_;
  kerberos::SystemRandom random_;
  std::optional<CallAgent> agent_;
  CallAgent::State state_ = CallAgent::State::idle;
  std::uint32_t dialled_ = 0;  ///< the transaction of the last dialling
};

}  // namespace reveille::sim
