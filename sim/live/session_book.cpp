// SPDX-License-Identifier: Apache-2.0
#include "live/session_book.hpp"

#include <algorithm>

namespace reveille::sim {

void SessionBook::note(const core::Command& command, std::uint64_t now_us) {
  if (command.code == CommandCode::close) sessions_.erase(command.client);
  if (const auto found = sessions_.find(command.client);
      command.code == CommandCode::reply && found != sessions_.end()) {
    found->second.restore.phase = Phase::replied;
    found->second.restore.tag = command.tag;
  }
  if (!command.inserts()) return;
  Session session{++begun_, core::add_time(now_us, command.lifetime), command};
  if (command.code == CommandCode::wake) {
    session.restore.phase = Phase::outstanding;
    session.restore.armed = true;
    session.restore.tag = 0;
  }
  session.restore.code = CommandCode::restore;
  sessions_[command.client] = session;
  due_.push({session.deadline, session.number, command.client});
  const bool waits = command.phase < Phase::replied;
  if (command.code != CommandCode::wake && !(waits && command.armed)) return;
  due_.push({now_us, session.number, command.client});
  for (unsigned sent = 1; sent <= tries_; ++sent) {
    const std::uint64_t time = core::add_time(now_us, interval_us_ * ((std::uint64_t{1} << sent) - 1));
    if (time < session.deadline) due_.push({time, session.number, command.client});
  }
}

const SessionBook::Session* SessionBook::find(const net::Address& client) const {
  const auto found = sessions_.find(client);
  return found == sessions_.end() ? nullptr : &found->second;
}

bool SessionBook::due(std::uint64_t now_us) {
  bool any = false;
  for (; !due_.empty() && due_.top().time <= now_us; due_.pop()) {
    const auto found = sessions_.find(due_.top().client);
    if (found == sessions_.end() || found->second.number != due_.top().number) continue;
    if (found->second.deadline <= now_us) sessions_.erase(found);
    any = true;
  }
  return any;
}

std::optional<std::uint64_t> SessionBook::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.top().time;
}

}  // namespace reveille::sim
