// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/client_list.hpp"

#include <algorithm>
#include <utility>

namespace reveille::nodes {

ClientList::ClientList(ClientListConfig config, std::vector<Client> clients, Time now) : config_(config) {
  for (Client& client : clients) {
    const net::Address address = client.address;
    entries_.insert_or_assign(address, Entry{.client = std::move(client), .due = now});
  }
}

void ClientList::expire(Controller& controller, Time now) {
  for (auto& [address, entry] : entries_) {
    if (open_ >= config_.most_open) return;
    if (entry.is_open || !entry.due || *entry.due > now) continue;
    entry.due.reset();
    entry.is_open = true;
    ++open_;
    if (config_.rekey) {
      controller.rekey(address, entry.client.principal, entry.client.doi, now);
    } else {
      controller.wake(address, entry.client.principal, entry.client.doi, now);
    }
  }
}

std::optional<Time> ClientList::deadline() const {
  std::optional<Time> earliest;
  if (open_ >= config_.most_open) return earliest;
  for (const auto& [address, entry] : entries_) {
    if (entry.due) earliest = earliest ? std::min(*earliest, *entry.due) : *entry.due;
  }
  return earliest;
}

void ClientList::ended(const net::Address& client, const Controller::Session& session, Time lifetime, Time grace) {
  const auto found = entries_.find(client);
  if (found == entries_.end() || (!found->second.is_open && !session.initiated)) return;
  Entry& entry = found->second;
  if (std::exchange(entry.is_open, false)) --open_;
  entry.has_ended = true;
  if (session.phase == Controller::Phase::established) {
    if (config_.renew) entry.due = session.ended + std::max<Time>(lifetime - grace, lifetime / 2);
  } else if (config_.retry > 0) {
    entry.due = session.ended + config_.retry;
  }
}

bool ClientList::all_ended() const {
  return open_ == 0 && std::ranges::all_of(entries_, [](const auto& entry) { return entry.second.has_ended; });
}

}  // namespace reveille::nodes
