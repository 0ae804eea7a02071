// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "reveille/kerberos/random.hpp"
#include "reveille/nodes/front.hpp"
#include "reveille/policy/guard.hpp"

namespace reveille::nodes {

struct SoftwareCoreConfig {
  policy::ServerConfig server;     ///< the policy, and the server's addresses
  std::string principal;           ///< that its Wake Ups name
  std::size_t capacity = 4096;     ///< live sessions
  unsigned wake_tries = 4;         ///< Wake Ups of a session
  Time wake_interval = 1'000'000;  ///< from the first to the second; then twice as long each time
};

/// What the core does for a controller, in software behind a socket: draws the nonces, says the Wake Ups, judges the
/// datagrams. Slower than the circuit by what a socket costs, and open to a flood of the socket itself.
class SoftwareCore final : public Front {
 public:
  using Send = std::function<void(const net::Address& client, ByteView message)>;

  SoftwareCore(SoftwareCoreConfig config, kerberos::RandomSource& random, Send send)
      : config_(std::move(config)), random_(random), send_(std::move(send)), guard_(config_.server, config_.capacity) {}

  void set_time(Time now) override { now_ = std::max(now_, now); }
  [[nodiscard]] policy::Decision judge(const net::Address& source, ByteView payload) override;
  [[nodiscard]] std::optional<Time> deadline() const override;
  void expire() override;

  void command(const Command& command, Done done) override;
  void send(const net::Address& client, ByteView message) override { send_(client, message); }

 private:
  struct Session {
    std::uint8_t doi = 0;
    unsigned sent = 0;
    Time next = 0;  ///< the next Wake Up, or that it failed
    bool armed = false;
    Time end = 0;
  };
  ResultCode execute(const Command& command);
  ResultCode wake(const Command& command);
  ResultCode restore(const Command& command);
  void send_wake_up(const net::Address& client, Session& session);
  [[nodiscard]] std::uint64_t time() const { return static_cast<std::uint64_t>(now_); }

  SoftwareCoreConfig config_;
  kerberos::RandomSource& random_;
  Send send_;
  policy::UntimedGuard guard_;
  std::map<net::Address, Session> sessions_;
  std::deque<std::function<void()>> results_;
  Time now_ = 0;
};

}  // namespace reveille::nodes
