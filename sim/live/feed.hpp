// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "live/session_book.hpp"
#include "live/unix_listener.hpp"

namespace reveille::sim {

/// Without anything else to say a core says so often that it lives.
constexpr std::chrono::milliseconds kFeedBeat(200);

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
  /// Says that this core lives, each kFeedBeat.
  void beat(std::chrono::steady_clock::time_point now);
  /// What the connection did not take at once. One that takes nothing for long is let go.
  void flush();

 private:
  void end();
  int connection_ = -1;
  std::string waiting_;
  std::chrono::steady_clock::time_point beaten_;
  UnixListener listener_;
};

/// The other end: follows a core, and notices that it is gone, or hangs.
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
  /// Whether it said nothing at so many looks, kFeedBeat or more apart, that it hangs. A look that comes late, where
  /// this program was itself kept waiting, counts once.
  [[nodiscard]] bool is_silent(std::chrono::steady_clock::time_point now);
  /// Kills the core, so that it does not go on beside another that took over; read() then says that it is gone. False
  /// where the other end of the socket is not the core itself.
  [[nodiscard]] bool end_core() const;

 private:
  bool connect();
  void end();
  void take(const std::string& line);

  std::filesystem::path path_;
  int connection_ = -1;
  std::string received_;
  long core_ = 0;  ///< its process, by what it says
  bool copied_ = false;
  unsigned silent_looks_ = 0;
  std::chrono::steady_clock::time_point looked_;
};

}  // namespace reveille::sim
