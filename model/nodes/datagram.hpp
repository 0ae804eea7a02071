// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "reveille/kerberos/types.hpp"
#include "reveille/net/address.hpp"

namespace reveille::nodes {

using kerberos::Time;

struct Endpoint {
  net::Address address;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// A UDP datagram between two nodes; the network below it is somebody else's.
struct Datagram {
  Endpoint source;
  Endpoint destination;
  Bytes payload;
};

/// An address as Kerberos writes it (RFC 4120 section 7.5.3).
inline kerberos::HostAddress kerberos_address(const net::Address& address) {
  if (address.is_ipv4()) return {.type = 2, .address = Bytes(address.octets.end() - 4, address.octets.end())};
  return {.type = 24, .address = Bytes(address.octets.begin(), address.octets.end())};
}

constexpr std::uint16_t key_management_port = 1293;
constexpr std::uint16_t kdc_port = 88;

/// How long a node waits for an answer: `first`, then twice as long as before, but never longer than `longest` (RFC
/// 4682: pktcMtaDevRealmUnsolicitedKeyNomTimeout and MaxTimeout; 3 s and 20 s give 3, 6, 12, 20, 20 …).
struct Timeouts {
  Time first = 1'000'000;
  Time longest = 20'000'000;
};

/// A timer with these time-outs; `tries` expiries, then it is exhausted.
class Backoff {
 public:
  Backoff() = default;
  Backoff(Time now, const Timeouts& timeouts, unsigned tries)
      : interval_(timeouts.first),
        longest_(std::max(timeouts.first, timeouts.longest)),
        deadline_(now + interval_),
        tries_(tries) {}

  [[nodiscard]] Time deadline() const { return deadline_; }
  [[nodiscard]] bool due(Time now) const { return now >= deadline_; }
  /// Takes one expiry; false when none was left.
  [[nodiscard]] bool retry(Time now) {
    if (tries_ == 0) return false;
    --tries_;
    interval_ = std::min(2 * interval_, longest_);
    deadline_ = now + interval_;
    return true;
  }

 private:
  Time interval_ = 0;
  Time longest_ = 0;
  Time deadline_ = 0;
  unsigned tries_ = 0;
};

}  // namespace reveille::nodes
