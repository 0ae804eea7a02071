// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "programs/event_loop.hpp"
#include "programs/sockets.hpp"
#include "reveille/nodes/association.hpp"
#include "reveille/snmp/agent.hpp"

namespace reveille::sim {

/// SNMPv3 at a CTA whose associations are of DOI 2: an engine for each of them answers on one port for as long as the
/// CTA holds it, so that a Rekey loses no request.
class SnmpService {
 public:
  /// `table`: a private file with the users and their keys, as net-snmp's programs take them, a line an association;
  /// none is written without a path.
  SnmpService(const nodes::Endpoint& own, std::string name, std::optional<std::filesystem::path> table,
              EventLoop& loop);

  void add(const nodes::Association& association);
  /// Forgets those that are not held any more.
  void keep(const std::vector<nodes::Association>& held);
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

 private:
  void receive();
  [[nodiscard]] std::optional<snmp::Value> value(ByteView identifier) const;

  std::string name_;
  std::optional<std::filesystem::path> table_;
  EventLoop& loop_;
  UdpSocket socket_;
  kerberos::Time begun_;
  std::vector<snmp::Agent> agents_;
  kerberos::SecretBytes rows_;
  std::uint64_t answered_ = 0;
};

}  // namespace reveille::sim
