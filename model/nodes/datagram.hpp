// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "kerberos/time.hpp"
#include "net/address.hpp"

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

constexpr std::uint16_t key_management_port = 1293;
constexpr std::uint16_t kdc_port = 88;

/// A timer that doubles: first after `first`, then 2, 4, … times that; `tries` expiries, then it is exhausted.
class Backoff {
 public:
  Backoff() = default;
  Backoff(Time now, Time first, unsigned tries) : interval_(first), deadline_(now + first), tries_(tries) {}

  [[nodiscard]] Time deadline() const { return deadline_; }
  [[nodiscard]] bool due(Time now) const { return now >= deadline_; }
  /// Takes one expiry; false when none was left.
  [[nodiscard]] bool retry(Time now) {
    if (tries_ == 0) return false;
    --tries_;
    interval_ *= 2;
    deadline_ = now + interval_;
    return true;
  }

 private:
  Time interval_ = 0;
  Time deadline_ = 0;
  unsigned tries_ = 0;
};

}  // namespace reveille::nodes
