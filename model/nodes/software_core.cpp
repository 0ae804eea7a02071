// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/software_core.hpp"

#include <algorithm>
#include <vector>

#include "reveille/keymgmt/messages.hpp"

namespace reveille::nodes {

policy::Guard::Judgement SoftwareCore::judge(const net::Address& source, ByteView payload) {
  return guard_.judge_datagram(source, payload, time());
}

void SoftwareCore::finish(CommandResult result, Done done) {
  if (done) results_.push_back([result, done = std::move(done)] { done(result); });
}

void SoftwareCore::wake(const net::Address& client, std::uint64_t lifetime_us, std::uint8_t doi, Done done) {
  std::uint32_t nonce = 0;
  while (nonce == 0) nonce = ByteReader(random_.bytes(4)).u32("nonce");
  const CommandResult result = guard_.wake(client, nonce, time(), lifetime_us);
  if (result == CommandResult::ok) {
    Session session{.doi = doi, .armed = true, .end = now_ + static_cast<Time>(lifetime_us)};
    send_wake_up(client, session);
    sessions_.insert_or_assign(client, session);
  }
  finish(result, std::move(done));
}

void SoftwareCore::send_wake_up(const net::Address& client, Session& session) {
  const std::uint32_t nonce = guard_.read(client, time()).nonce;
  send_(client, keymgmt::encode(keymgmt::WakeUp{session.doi, keymgmt::version_1_0, nonce, config_.principal}));
  session.next = now_ + (config_.wake_interval << session.sent);
  ++session.sent;
}

void SoftwareCore::reply(const net::Address& client, std::uint64_t expected_tag, Done done) {
  finish(guard_.reply(client, expected_tag, time()), std::move(done));
}

void SoftwareCore::reject(const net::Address& client, Done done) {
  finish(guard_.reject(client, time()), std::move(done));
}

void SoftwareCore::close(const net::Address& client, Done done) {
  sessions_.erase(client);
  finish(guard_.close(client, time()), std::move(done));
}

void SoftwareCore::restore_replied(const net::Address& client, std::uint32_t nonce, std::uint64_t expected_tag,
                                   std::uint64_t lifetime_us, Done done) {
  const auto result = guard_.restore(client, nonce, policy::SessionState::replied, expected_tag, time(), lifetime_us);
  if (result == CommandResult::ok) {
    sessions_.insert_or_assign(client, Session{.end = now_ + static_cast<Time>(lifetime_us)});
  }
  finish(result, std::move(done));
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
      if (guard_.read(client, time()).state != policy::SessionState::outstanding) {
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
