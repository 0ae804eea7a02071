// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "reveille/nodes/datagram.hpp"
#include "reveille/nodes/host_port.hpp"
#include "reveille/policy/policy.hpp"

namespace reveille::nodes {

/// What stands in front of a controller on sockets: a core that is driven, or its policy in software. A machine without
/// a clock, as Controller: results of commands, and events, are told by expire().
class Front : public HostPort {
 public:
  /// As the event log has them.
  using Event = std::function<void(const net::Address& client, Time happened)>;

  /// The time of every call is that of the last one told.
  virtual void set_time(Time now) = 0;
  /// Of a datagram that has come to the socket: what the controller goes by.
  [[nodiscard]] virtual policy::Decision judge(const net::Address& source, ByteView payload) = 0;
  /// Nothing waits at the socket now: what was not judged until now, and was to come, is lost.
  virtual void socket_is_empty() {}
  [[nodiscard]] virtual std::optional<Time> deadline() const = 0;
  virtual void expire() = 0;

  Event on_expired;
  Event on_wake_failed;
};

}  // namespace reveille::nodes
