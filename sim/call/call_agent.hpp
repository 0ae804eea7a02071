// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "call/ncs.hpp"
#include "reveille/nodes/datagram.hpp"
#include "reveille/nodes/signalling.hpp"

namespace reveille::sim {

/// The controllers' part of a call between two of their clients: hears what happens at the telephones, rings the one
/// that is called, gives both ends the two media keys, which it draws, and ends the call when one hangs up. Commands
/// are said again until they are answered. A machine without a clock, as the nodes.
class CallAgent {
 public:
  struct Line {
    net::Address client;
    std::string name;
    std::uint16_t media_port = 0;
  };
  enum class State { idle, ringing, connecting, talking, ending, ended };
  using Say = std::function<void(const net::Address& client, const std::string& text)>;

  CallAgent(Line caller, Line called, nodes::Timeouts timeouts, unsigned tries, kerberos::RandomSource& random,
            Say say);

  void notified(const net::Address& client, const std::string& event, nodes::Time now);
  void answered(const net::Address& client, std::uint32_t transaction, nodes::Time now);
  [[nodiscard]] std::optional<nodes::Time> deadline() const;
  void expire(nodes::Time now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Line& caller() const { return caller_; }
  [[nodiscard]] const Line& called() const { return called_; }
  /// Of what the caller sends, and the called; empty before they are drawn.
  [[nodiscard]] const MediaKey& caller_key() const { return caller_key_; }
  [[nodiscard]] const MediaKey& called_key() const { return called_key_; }

 private:
  struct Said {
    net::Address client;
    std::uint32_t transaction = 0;
    std::string text;
    nodes::Backoff backoff;
  };
  void tell(const Line& line, Command command, nodes::Time now);
  void connect(nodes::Time now);

  Line caller_, called_;
  nodes::Timeouts timeouts_;
  unsigned tries_;
  kerberos::RandomSource& random_;
  Say say_;
  State state_ = State::idle;
  std::uint32_t transaction_ = 1000;
  std::vector<Said> unanswered_;
  MediaKey caller_key_, called_key_;
};

std::string to_string(CallAgent::State state);

}  // namespace reveille::sim
