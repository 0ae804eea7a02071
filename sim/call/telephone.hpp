// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>

#include "call/ncs.hpp"
#include "reveille/nodes/datagram.hpp"

namespace reveille::sim {

constexpr std::uint16_t media_port = 16384;

/// The telephone at a CTA: takes the call agent's commands, and speaks once it is connected, a packet each interval.
/// The one that calls hangs up when it has said all. A machine without a clock, as the nodes.
class Telephone {
 public:
  struct Config {
    net::Address address;
    nodes::Time interval = 20'000;
    unsigned packets = 50;  ///< that it says
    bool calls = false;
  };
  struct Counters {
    std::uint64_t said = 0;   ///< packets
    std::uint64_t heard = 0;  ///< of those that came, authentic and once
    std::uint64_t refused = 0;
  };
  using Send = std::function<void(nodes::Datagram)>;

  Telephone(const Config& config, kerberos::RandomSource& random);

  /// What happens at it, for its CTA to say.
  std::function<void(const std::string& event)> on_event;

  /// Takes off the hook and dials.
  void dial();
  /// What it answers; nothing to what is no command.
  std::string command(const std::string& text, nodes::Time now);
  void receive(const nodes::Datagram& datagram);
  [[nodiscard]] std::optional<nodes::Time> deadline() const;
  void expire(nodes::Time now, const Send& send);

  [[nodiscard]] bool is_connected() const { return connection_.has_value(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Of what it sends; 0 before it was connected.
  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }

 private:
  struct Connection {
    SrtpStream stream;
    nodes::Endpoint other;
    nodes::Time next;
  };

  Config config_;
  kerberos::RandomSource& random_;
  Counters counters_;
  std::set<std::uint32_t> done_;  ///< commands, by their transactions
  std::optional<Connection> connection_;
  std::uint32_t ssrc_ = 0;
  bool has_ended_ = false;  ///< all is said
};

}  // namespace reveille::sim
