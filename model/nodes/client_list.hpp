// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "reveille/nodes/controller.hpp"

namespace reveille::nodes {

struct ClientListConfig {
  std::size_t most_open = 256;  ///< sessions at once
  Time retry = 60'000'000;      ///< to the next session of a client that failed; 0: none
  bool renew = true;            ///< whether associations are made anew, their grace period ahead of their end
  bool rekey = true;            ///< by a Rekey, else by a Wake Up
};

/// The clients that a controller has to keep associations with: wakes each, rekeys it ahead of its association's end,
/// and wakes it again after a failure. Who asks by itself is not asked.
/// A machine without a clock, as Controller.
class ClientList {
 public:
  struct Client {
    net::Address address;
    kerberos::PrincipalName principal;
    std::uint8_t doi = keymgmt::doi_ipsec;
  };

  ClientList(ClientListConfig config, std::vector<Client> clients, Time now);

  /// Wakes one whose time has come. Others may wait: what exchanges under way have brought is served before the next
  /// one begins, for each takes a core's commands.
  void expire(Controller& controller, Time now);
  [[nodiscard]] std::optional<Time> deadline() const;
  /// A session came to its end (Controller::on_ended); `lifetime` and `grace` are those that its association has.
  void ended(const net::Address& client, const Controller::Session& session, Time lifetime, Time grace);

  /// Whether each client has had a session, and none is under way.
  [[nodiscard]] bool all_ended() const;

 private:
  struct Entry {
    Client client;
    bool is_open = false;
    bool has_ended = false;
    std::optional<Time> due = {};
  };
  void set_due(Entry& entry, std::optional<Time> due);

  ClientListConfig config_;
  std::map<net::Address, Entry> entries_;
  std::set<std::pair<Time, net::Address>> due_;  ///< of the entries that have one
  std::size_t open_ = 0;
};

}  // namespace reveille::nodes
