// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "reveille/common/bytes.hpp"
#include "reveille/driver/types.hpp"

namespace reveille::nodes {

using driver::Command;

/// The core as the controller sees it: the commands of docs/architecture.md and the messages that it frames.
class HostPort {
 public:
  using Done = std::function<void(ResultCode)>;

  virtual ~HostPort() = default;
  /// Takes the time it takes, behind the commands before it; `done`, if there is one, is called with its result.
  virtual void command(const Command& command, Done done) = 0;
  /// `message` is a whole key-management message; the core puts UDP, IP and Ethernet around it.
  virtual void send(const net::Address& client, ByteView message) = 0;
};

}  // namespace reveille::nodes
