// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <unordered_map>
#include <vector>

#include "capture/capture_reader.hpp"
#include "capture/frame_view.hpp"
#include "engine.hpp"
#include "replay/reply_opener.hpp"
#include "replay/store_load.hpp"

namespace reveille::sim {

/// A message of the server's, and what the host behind the guard would have told the guard with it.
struct Lesson {
  enum class Kind { wake_up, ap_reply, error_reply };
  std::uint64_t packet = 0;
  Kind kind = Kind::wake_up;
  net::Address client;
  std::uint32_t nonce = 0;                         ///< of a Wake Up
  std::optional<std::uint64_t> expected_tag = {};  ///< of an AP Reply, where the capture shows it
  bool verified = false;                           ///< the tag, by the server's keys
};

/// Learns from a capture what the host did: the rule of docs/replay.md, "What is learned".
class Learner {
 public:
  /// `opener`: with the server's keytab, or null.
  Learner(const policy::ServerConfig& server, ReplyOpener* opener) : server_(server), opener_(opener) {}

  /// `seen` is view() of the packet.
  void look(const Packet& packet, const FrameView& seen);
  [[nodiscard]] std::vector<Lesson> take() { return std::move(lessons_); }

 private:
  void look_at_servers(std::uint64_t packet, const FrameView& seen);
  void look_at_clients(const Packet& packet, const FrameView& seen);

  /// Only one with the nonce of the last Wake Up costs cryptography.
  void look_at_request(const Packet& packet, const FrameView& seen);

  const policy::ServerConfig& server_;
  ReplyOpener* opener_;
  std::vector<Lesson> lessons_;
  std::unordered_map<net::Address, std::uint32_t> nonces_;  ///< of each client's last Wake Up
  /// Each client's AP Replies since then, places in lessons_, whose tag has not been seen.
  std::unordered_map<net::Address, std::vector<std::size_t>> replies_;
};

/// Plays the host of a replay: gives the engine the commands that lessons stand for.
class LearnedHost {
 public:
  LearnedHost(StoreLoad& store, std::vector<Lesson> lessons) : store_(store), lessons_(std::move(lessons)) {}

  /// The lesson of that packet, if it has one. Packets come in the order of the capture.
  void perform(std::uint64_t packet, std::uint64_t time_us);
  void print(std::ostream& out) const;

 private:
  void wake(const Lesson& lesson, std::uint64_t time_us);

  StoreLoad& store_;
  std::vector<Lesson> lessons_;
  std::size_t next_ = 0;
  std::unordered_map<net::Address, std::uint32_t> nonces_;  ///< of the sessions restored, expired or not
  std::uint64_t sessions_ = 0;
  std::uint64_t no_room_ = 0;
  std::uint64_t replies_ = 0;
  std::uint64_t tags_ = 0;
  std::uint64_t verified_ = 0;
  std::uint64_t rejects_ = 0;
};

}  // namespace reveille::sim
