// SPDX-License-Identifier: Apache-2.0
#include "live/feed.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <system_error>

namespace reveille::sim {
namespace {

/// Beyond that a standby that does not read is let go.
constexpr std::size_t most_waiting = 8U << 20U;
/// Two seconds.
constexpr unsigned most_silent_looks = 10;

std::string line_of(const SessionBook::Session& session, std::uint64_t now_us) {
  const core::Command& restore = session.restore;
  const std::uint64_t left = session.deadline > now_us ? session.deadline - now_us : 0;
  char text[160];
  std::snprintf(text, sizeof text, "session %s %x %u %" PRIx64 " %" PRIu64 " %u %u %u %u\n",
                net::format(restore.client).c_str(), restore.nonce, static_cast<unsigned>(restore.phase), restore.tag,
                left, unsigned{restore.hop}, unsigned{restore.snmp}, unsigned{restore.armed}, unsigned{restore.source});
  return text;
}

}  // namespace

void Feed::accept(const SessionBook& book, std::uint64_t now_us) {
  const int connected = listener_.accept();
  if (connected < 0) return;
  if (connection_ >= 0) {
    static_cast<void>(send(connected, "busy\n", 5, MSG_NOSIGNAL | MSG_DONTWAIT));
    close(connected);
    return;
  }
  connection_ = connected;
  waiting_ = "begin " + std::to_string(getpid()) + "\n";
  for (const auto& [client, session] : book.sessions()) waiting_ += line_of(session, now_us);
  waiting_ += "copied\n";
  flush();
}

void Feed::look() {
  char octet = 0;
  const ssize_t count = recv(connection_, &octet, 1, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) end();
}

void Feed::tell(const net::Address& client, const SessionBook& book, std::uint64_t now_us) {
  if (connection_ < 0) return;
  const SessionBook::Session* const session = book.find(client);
  waiting_ += session != nullptr ? line_of(*session, now_us) : "closed " + net::format(client) + "\n";
  flush();
}

void Feed::beat(std::chrono::steady_clock::time_point now) {
  if (connection_ < 0 || now - beaten_ < kFeedBeat) return;
  beaten_ = now;
  if (waiting_.empty()) waiting_ = "alive\n";
  flush();
}

void Feed::flush() {
  while (connection_ >= 0 && !waiting_.empty()) {
    const ssize_t count = send(connection_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      waiting_.erase(0, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN && waiting_.size() < most_waiting) {
      return;
    } else if (errno != EINTR) {
      end();
    }
  }
}

void Feed::end() {
  if (connection_ >= 0) close(connection_);
  connection_ = -1;
  waiting_.clear();
}

Follower::Follower(std::filesystem::path path) : path_(std::move(path)) {
  if (!connect()) {
    throw Error(ErrorKind::bad_input, "--standby: " + path_.string() + ": " + std::generic_category().message(errno) +
                                          ": the --feed of a running core expected");
  }
}

bool Follower::connect() {
  connection_ = connect_unix(path_);
  received_.clear();
  copied_ = false;
  return connection_ >= 0;
}

void Follower::end() {
  if (connection_ >= 0) close(connection_);
  connection_ = -1;
}

Follower::State Follower::read() {
  char octets[65'536];
  for (;;) {
    const ssize_t count = recv(connection_, octets, sizeof octets, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return State::follows;
    if (count <= 0) {
      // It may only have let us go: then it lets us in again.
      end();
      return connect() ? State::connected_anew : State::gone;
    }
    silent_looks_ = 0;
    received_.append(octets, static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t at = 0; (at = received_.find('\n', begin)) != std::string::npos; begin = at + 1)
      take(received_.substr(begin, at - begin));
    received_.erase(0, begin);
  }
}

bool Follower::is_silent(std::chrono::steady_clock::time_point now) {
  if (!copied_ || now - looked_ < kFeedBeat) return false;
  looked_ = now;
  return ++silent_looks_ > most_silent_looks;
}

bool Follower::end_core() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.pid > 1 && peer.pid == core_ && kill(peer.pid, SIGKILL) == 0;
}

void Follower::take(const std::string& line) {
  std::istringstream words(line);
  std::string verb, client;
  words >> verb >> client;
  if (verb == "busy")
    throw Error(ErrorKind::bad_input, "--standby: " + path_.string() + ": another core stands by for it");
  if (verb == "copied") copied_ = true;
  if (verb == "begin") {
    core_ = std::strtol(client.c_str(), nullptr, 10);
    return on_begin();
  }
  if (verb == "closed") return on_closed(net::Address::parse(client));
  if (verb != "session") return;
  core::Command restore{.code = CommandCode::restore, .client = net::Address::parse(client)};
  unsigned phase = 0, hop = 0, snmp = 0, armed = 0, source = 0;
  words >> std::hex >> restore.nonce >> std::dec >> phase >> std::hex >> restore.tag >> std::dec >> restore.lifetime >>
      hop >> snmp >> armed >> source;
  if (!words) throw Error(ErrorKind::bad_input, path_.string() + ": \"" + line + "\": a session expected");
  restore.phase = static_cast<Phase>(phase);
  restore.hop = static_cast<std::uint8_t>(hop);
  restore.snmp = snmp != 0;
  restore.armed = armed != 0;
  restore.source = static_cast<std::uint8_t>(source);
  on_session(restore);
}

}  // namespace reveille::sim
