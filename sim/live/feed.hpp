// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "live/session_book.hpp"
#include "live/unix_listener.hpp"

namespace reveille::sim {

/// What a core tells the one that stands by for it (docs/live.md): its sessions, then every change that a command makes
/// of one, a line each. A line is in the standby's hands once tell() has returned: it survives the end of this program.
class Feed {
 public:
  explicit Feed(const std::filesystem::path& path) : listener_(path, "--feed") {}
  ~Feed() { end(); }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  [[nodiscard]] int listener() const { return listener_.descriptor(); }
  /// -1: nobody follows.
  [[nodiscard]] int connection() const { return connection_; }
  /// Lets in who waits, and sends it all sessions; one at a time.
  void accept(const SessionBook& book, std::uint64_t now_us);
  /// The connection has something to say: that it has ended.
  void look();
  /// The client's session has changed, or is no more.
  void tell(const net::Address& client, const SessionBook& book, std::uint64_t now_us);
  /// What the connection did not take at once. One that takes nothing for long is let go.
  void flush();

 private:
  void end();
  int connection_ = -1;
  std::string waiting_;
  UnixListener listener_;
};

/// The other end: follows a core, and notices that it is gone.
class Follower {
 public:
  /// Error{bad_input} naming the path where nobody feeds.
  explicit Follower(std::filesystem::path path);
  ~Follower() { end(); }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  std::function<void()> on_begin;  ///< all sessions follow: those of before are no more
  std::function<void(const core::Command& restore)> on_session;
  std::function<void(const net::Address& client)> on_closed;

  [[nodiscard]] int descriptor() const { return connection_; }
  enum class State { follows, connected_anew, gone };
  /// Reads what waits. `gone` once the core is, and all that it said has been read. Error{bad_input} where another
  /// core stands by for it already.
  State read();

 private:
  bool connect();
  void end();
  void take(const std::string& line) const;

  std::filesystem::path path_;
  int connection_ = -1;
  std::string received_;
};

}  // namespace reveille::sim
