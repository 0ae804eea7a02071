// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "reveille/policy/policy.hpp"

namespace reveille::policy {

/// The whole guard without time: store, rate limiter and verdicts. It shares words with `core::Guard`, a block of the
/// cycle-accurate core, and no code: tests hold the one against the other. Times are microseconds; `now` never runs
/// backwards.
class UntimedGuard {
 public:
  /// `capacity`: live sessions that the store takes at most. The core's store refuses by bucket and therefore may
  /// earlier.
  explicit UntimedGuard(ServerConfig config, std::size_t capacity = SIZE_MAX);

  [[nodiscard]] const ServerConfig& config() const noexcept { return config_; }

  // Host commands. A session lives while now < deadline = begin + lifetime (L14); after that it counts as none. Nothing
  // is ever not_ready here.
  ResultCode wake(const net::Address& client, std::uint32_t nonce, std::uint64_t now, std::uint64_t lifetime);
  ResultCode restore(const net::Address& client, std::uint32_t nonce, Phase phase, std::uint64_t tag, std::uint64_t now,
                     std::uint64_t lifetime);
  ResultCode reply(const net::Address& client, std::uint64_t expected_tag, std::uint64_t now);
  ResultCode reject(const net::Address& client, std::uint64_t now);
  ResultCode close(const net::Address& client, std::uint64_t now);
  /// The session as it stands; `live` is false, and the rest 0, where there is none.
  [[nodiscard]] SessionState read(const net::Address& client, std::uint64_t now) const;

  /// What was judged, for whoever prints it.
  struct Judgement {
    FrameFacts facts;
    Decision decision;
    bool guessing = false;  ///< the event (L21)
  };
  /// Judges a frame whose first octets arrived at `now`, and moves its session.
  Judgement judge_in_full(ByteView frame, std::uint64_t now);
  Verdict judge(ByteView frame, std::uint64_t now) { return judge_in_full(frame, now).decision.verdict; }
  /// A datagram that came by a socket.
  Judgement judge_datagram(const net::Address& source, ByteView payload, std::uint64_t now) {
    return judge_facts(parse_datagram(source, payload, config_), now);
  }

 private:
  struct Session {
    SessionState state;
    std::uint64_t deadline = 0;
  };
  Judgement judge_facts(const FrameFacts& facts, std::uint64_t now);
  Session* find_live(const net::Address& client, std::uint64_t now);
  /// Whether the session's count has just come to the threshold (L21).
  [[nodiscard]] bool count_false_nonce(SessionState& session) const;

  ServerConfig config_;
  std::size_t capacity_;
  std::unordered_map<net::Address, Session> sessions_;  // expired ones stay until their client or the capacity asks
  RateLimiter limiter_;
};

}  // namespace reveille::policy
