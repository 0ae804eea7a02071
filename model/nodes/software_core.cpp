// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/software_core.hpp"

#include <algorithm>
#include <vector>

#include "reveille/keymgmt/messages.hpp"

namespace reveille::nodes {

policy::Decision SoftwareCore::judge(const net::Address& source, ByteView payload) {
  return guard_.judge_datagram(source, payload, time()).decision;
}

void SoftwareCore::command(const Command& command, Done done) {
  const ResultCode result = execute(command);
  if (done) results_.push_back([result, done = std::move(done)] { done(result); });
}

ResultCode SoftwareCore::execute(const Command& command) {
  switch (command.code) {
    case CommandCode::wake: return wake(command);
    case CommandCode::restore: return restore(command);
    case CommandCode::reply: return guard_.reply(command.client, command.tag, time());
    case CommandCode::reject: return guard_.reject(command.client, time());
    case CommandCode::close: sessions_.erase(command.client); return guard_.close(command.client, time());
    default: return ResultCode::bad_argument;  // nobody reads a session here
  }
}

ResultCode SoftwareCore::wake(const Command& command) {
  std::uint32_t nonce = 0;
  while (nonce == 0) nonce = ByteReader(random_.bytes(4)).u32("nonce");
  const ResultCode result = guard_.wake(command.client, nonce, time(), command.lifetime);
  if (result == ResultCode::ok) {
    Session session{.doi = command.snmp ? keymgmt::doi_snmp : keymgmt::doi_ipsec,
                    .armed = true,
                    .end = now_ + static_cast<Time>(command.lifetime)};
    send_wake_up(command.client, session);
    sessions_.insert_or_assign(command.client, session);
  }
  return result;
}

ResultCode SoftwareCore::restore(const Command& command) {
  const ResultCode result =
      guard_.restore(command.client, command.nonce, command.phase, command.tag, time(), command.lifetime);
  if (result == ResultCode::ok) {
    sessions_.insert_or_assign(command.client, Session{.end = now_ + static_cast<Time>(command.lifetime)});
  }
  return result;
}

void SoftwareCore::send_wake_up(const net::Address& client, Session& session) {
  const std::uint32_t nonce = guard_.read(client, time()).nonce;
  send_(client, keymgmt::encode(keymgmt::WakeUp{session.doi, keymgmt::version_1_0, nonce, config_.principal}));
  session.next = now_ + (config_.wake_interval << session.sent);
  ++session.sent;
}

std::optional<Time> SoftwareCore::deadline() const {
  if (!results_.empty()) return now_;
  std::optional<Time> earliest;
  const auto consider = [&](Time time) { earliest = earliest ? std::min(*earliest, time) : time; };
  for (const auto& [client, session] : sessions_) {
    consider(session.end);
    if (session.armed) consider(session.next);
  }
  return earliest;
}

void SoftwareCore::expire() {
  // What a result sets off may be commands again.
  while (!results_.empty()) {
    const auto tell = std::move(results_.front());
    results_.pop_front();
    tell();
  }
  std::vector<net::Address> ended;
  std::vector<net::Address> unanswered;
  for (auto& [client, session] : sessions_) {
    if (session.end <= now_) {
      ended.push_back(client);
    } else if (session.armed && session.next <= now_) {
      if (guard_.read(client, time()).phase != Phase::outstanding) {
        session.armed = false;
      } else if (session.sent < config_.wake_tries) {
        send_wake_up(client, session);
      } else {
        session.armed = false;
        unanswered.push_back(client);
      }
    }
  }
  for (const net::Address& client : ended) {
    sessions_.erase(client);
    if (on_expired) on_expired(client, now_);
  }
  for (const net::Address& client : unanswered) {
    if (on_wake_failed) on_wake_failed(client, now_);
  }
}

}  // namespace reveille::nodes
