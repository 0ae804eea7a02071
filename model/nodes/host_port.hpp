// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "reveille/common/bytes.hpp"
#include "reveille/net/address.hpp"
#include "reveille/policy/guard.hpp"

namespace reveille::nodes {

using policy::CommandResult;

/// The core as the controller sees it: the commands of docs/architecture.md and the messages that it frames. A command
/// takes the time it takes; `done` is called with its result.
class HostPort {
 public:
  using Done = std::function<void(CommandResult)>;

  virtual ~HostPort() = default;
  virtual void wake(const net::Address& client, std::uint64_t lifetime_us, std::uint8_t doi, Done done) = 0;
  virtual void reply(const net::Address& client, std::uint64_t expected_tag, Done done) = 0;
  virtual void reject(const net::Address& client, Done done) = 0;
  virtual void close(const net::Address& client, Done done) = 0;
  /// A session that waits for SA Recovered.
  virtual void restore_replied(const net::Address& client, std::uint32_t nonce, std::uint64_t expected_tag,
                               std::uint64_t lifetime_us, Done done) = 0;
  /// `message` is a whole key-management message; the core puts UDP, IP and Ethernet around it.
  virtual void send(const net::Address& client, ByteView message) = 0;
};

}  // namespace reveille::nodes
