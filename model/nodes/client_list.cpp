// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/client_list.hpp"

#include <algorithm>
#include <utility>

namespace reveille::nodes {

ClientList::ClientList(ClientListConfig config, std::vector<Client> clients, Time now) : config_(config) {
  for (Client& client : clients) {
    const net::Address address = client.address;
    set_due(entries_.insert_or_assign(address, Entry{.client = std::move(client)}).first->second, now);
  }
}

void ClientList::set_due(Entry& entry, std::optional<Time> due) {
  if (entry.due) due_.erase({*entry.due, entry.client.address});
  if (due) due_.emplace(*due, entry.client.address);
  entry.due = due;
}

void ClientList::expire(Controller& controller, Time now) {
  const std::optional<Time> due = deadline();
  if (!due || *due > now) return;
  Entry& entry = entries_.at(due_.begin()->second);
  set_due(entry, std::nullopt);
  entry.is_open = true;
  ++open_;
  if (config_.rekey) {
    controller.rekey(entry.client.address, entry.client.principal, entry.client.doi, now);
  } else {
    controller.wake(entry.client.address, entry.client.principal, entry.client.doi, now);
  }
}

std::optional<Time> ClientList::deadline() const {
  if (open_ >= config_.most_open || due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

void ClientList::ended(const net::Address& client, const Controller::Session& session, Time lifetime, Time grace) {
  const auto found = entries_.find(client);
  if (found == entries_.end() || (!found->second.is_open && !session.initiated)) return;
  Entry& entry = found->second;
  if (std::exchange(entry.is_open, false)) --open_;
  entry.has_ended = true;
  if (session.stage == Controller::Stage::established) {
    if (config_.renew) set_due(entry, session.ended + std::max<Time>(lifetime - grace, lifetime / 2));
  } else if (config_.retry > 0) {
    set_due(entry, session.ended + config_.retry);
  }
}

bool ClientList::all_ended() const {
  return open_ == 0 && std::ranges::all_of(entries_, [](const auto& entry) { return entry.second.has_ended; });
}

}  // namespace reveille::nodes
