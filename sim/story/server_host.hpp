// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "reveille/net/frame.hpp"
#include "reveille/verdict.hpp"

namespace reveille::sim {

/// The server's host behind the core, as an operating system is: it takes more than the core was told of.
struct ServerHost {
  net::MacAddress ethernet{0x02, 0, 0, 0, 0, 0x01};
  net::Address ipv4 = net::Address::parse("192.0.2.1");  ///< the server's addresses
  net::Address ipv6 = net::Address::parse("2001:db8::1");
  // The host's others, of which the core's registers hold none.
  net::Address second_ipv4 = net::Address::parse("192.0.2.2");
  net::Address second_ipv6 = net::Address::parse("2001:db8::2");
  net::Address link_local = net::Address::parse("fe80::ff:fe00:1");
  net::Address subnet_broadcast = net::Address::parse("192.0.2.255");
  net::Address limited_broadcast = net::Address::parse("255.255.255.255");
  net::Address all_hosts = net::Address::parse("224.0.0.1");
  net::Address all_nodes = net::Address::parse("ff02::1");
  net::Address solicited_node = net::Address::parse("ff02::1:ff00:1");

  /// What a frame brings to a UDP socket on the key-management port that is bound to the wildcard of both families. The
  /// host takes whatever some known system takes: any number of priority tags, IP in 802.2 SNAP, every address above,
  /// a loose source route over one of them to another. It ends no tunnels and puts no fragments together.
  [[nodiscard]] std::optional<net::UdpDatagram> receive(ByteView frame) const;

  /// Whether a frame that the core let through as `verdict` brings to that socket an AP Request that nobody asked for.
  [[nodiscard]] bool is_unasked_request(ByteView frame, Verdict verdict) const;

 private:
  [[nodiscard]] bool is_own(const net::Address& address) const;
  void follow_source_route(Bytes& frame) const;
};

}  // namespace reveille::sim
