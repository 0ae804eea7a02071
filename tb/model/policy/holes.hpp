// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/policy/frames.hpp"

/// Frames by which an AP Request that nobody asked for came past a guard to a socket of a host, or a lie to its stack.
namespace reveille::policy::test {

struct Hole {
  std::string name;
  Bytes frame;
  Verdict verdict = Verdict::not_woken;  ///< with `any`, at the server of frames.hpp, no session
  std::string source = "198.51.100.7";   ///< as replay's column has it
};

inline const net::Address second4 = net::Address::parse("192.0.2.2");
inline const net::Address second6 = net::Address::parse("2001:db8::2");
inline const net::Address link_local6 = net::Address::parse("fe80::ff:fe00:1");  ///< of the Ethernet address of frames
constexpr net::MacAddress broadcast_mac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/// An AP Request with a nonce that nobody drew.
inline Bytes hostile_request() { return ap_request(0x11111111, 0x3c, 41); }

inline net::UdpFrame hostile_to(const net::Address& destination, const net::Address& source = client4) {
  net::UdpFrame frame = to_server4(hostile_request());
  frame.destination = destination;
  frame.source = source;
  return frame;
}

/// Length field and 802.2 SNAP in front of a frame's EtherType, behind `tags` VLAN tags.
inline Bytes into_snap(Bytes frame, std::size_t tags = 0, const Bytes& snap = {0xaa, 0xaa, 3, 0, 0, 0}) {
  const std::size_t at = 12 + 4 * tags;
  Bytes header;
  append_big_endian(header, (frame.size() - at - 2 + snap.size() + 2) & 0x5ff, 2);
  append(header, snap);
  frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), header.begin(), header.end());
  return frame;
}

inline std::vector<Hole> holes() {
  std::vector<Hole> all;
  const auto to = [&](const char* name, const net::Address& destination, net::MacAddress mac,
                      const net::Address& source) {
    net::UdpFrame frame = hostile_to(destination, source);
    frame.ethernet_destination = mac;
    all.push_back({name, net::build(frame), Verdict::not_woken, net::format(source)});
  };
  const net::MacAddress host = net::UdpFrame{}.ethernet_destination;
  to("second IPv4 address", second4, host, client4);
  to("second IPv6 address", second6, host, client6);
  to("link-local address", link_local6, host, net::Address::parse("fe80::aa"));
  to("subnet broadcast", net::Address::parse("192.0.2.255"), broadcast_mac, client4);
  to("limited broadcast", net::Address::parse("255.255.255.255"), broadcast_mac, client4);
  to("all hosts", net::Address::parse("224.0.0.1"), {1, 0, 0x5e, 0, 0, 1}, client4);
  to("all nodes", net::Address::parse("ff02::1"), {0x33, 0x33, 0, 0, 0, 1}, client6);
  to("solicited-node multicast", net::Address::parse("ff02::1:ff00:1"), {0x33, 0x33, 0xff, 0, 0, 1}, client6);

  for (const std::size_t tags : {3, 30}) {  // of priority only: a host takes off as many as there are
    net::UdpFrame frame = hostile_to(server4);
    frame.tags.resize(tags);
    all.push_back({std::to_string(tags) + " VLAN tags", net::build(frame), Verdict::unparsable, ""});
  }
  all.push_back({"IP in SNAP", into_snap(net::build(hostile_to(server4))), Verdict::unparsable, ""});

  // Source-routed to another address, its checksum that of the last: the guard goes by the IP header.
  net::UdpFrame routed = hostile_to(server4);
  const Bytes direct = net::build(routed);
  routed.ipv4_options = {0x83, 7, 4, 192, 0, 2, 1, 0};
  routed.destination = second4;
  routed.udp_checksum = static_cast<std::uint16_t>(direct[14 + 20 + 6] << 8 | direct[14 + 20 + 7]);
  all.push_back({"loose source route", net::build(routed), Verdict::bad_checksum});

  // What stays open: docs/protocol.md says what an operator does.
  net::UdpFrame tunnel = hostile_to(server4);
  tunnel.destination_port = 4789;
  tunnel.payload = {8, 0, 0, 0, 0, 0, 77, 0};
  append(tunnel.payload, direct);
  all.push_back({"VXLAN", net::build(tunnel), Verdict::bypass, ""});
  net::UdpFrame icmp = hostile_to(server4);  // its UDP header: type 3, code 3, checksum (0), four octets of zero
  icmp.protocol = 1;
  icmp.source_port = 0x0303;
  icmp.destination_port = 0;
  icmp.udp_length = icmp.udp_checksum = 0;
  net::UdpFrame quoted = to_server4(Bytes(20, 0));
  std::swap(quoted.source, quoted.destination);
  const Bytes quoted_frame = net::build(quoted);
  icmp.payload.assign(quoted_frame.begin() + 14, quoted_frame.end());
  all.push_back({"ICMP error", net::build(icmp), Verdict::bypass, ""});
  return all;
}

}  // namespace reveille::policy::test
