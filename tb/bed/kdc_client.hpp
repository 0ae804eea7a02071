// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bed/socket.hpp"
#include "reveille/kerberos/client.hpp"

namespace reveille::bed {

using namespace kerberos;

/// The wall clock, for exchanges with a KDC of the real world.
Time wall_clock();

/// Carries requests to a KDC over real sockets and waits (RFC 4120 section 7.2). IPv4 only.
class KdcClient {
 public:
  KdcClient(std::string address, std::uint16_t port, Transport transport,
            std::chrono::milliseconds timeout = std::chrono::milliseconds(2000));

  /// One request, one reply; over UDP sent up to three times. Throws Error{protocol} naming address, port and
  /// transport when nothing answers.
  [[nodiscard]] Bytes exchange(ByteView request) const;

  /// AS exchange, with pre-authentication when asked. KRB_ERR_RESPONSE_TOO_BIG throws: choose TCP.
  [[nodiscard]] Credential get_initial(const PrincipalName& client, const std::string& realm, const Secret& secret,
                                       const std::vector<Etype>& etypes, RandomSource& random) const;
  [[nodiscard]] Credential get_service(const Credential& ticket_granting, const PrincipalName& service,
                                       const std::vector<Etype>& etypes, RandomSource& random) const;

 private:
  [[nodiscard]] Bytes over_udp(ByteView request) const;
  [[nodiscard]] Bytes over_tcp(ByteView request) const;

  std::string address_;
  std::uint16_t port_;
  Transport transport_;
  std::chrono::milliseconds timeout_;
};

}  // namespace reveille::bed
