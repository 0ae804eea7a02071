// SPDX-License-Identifier: Apache-2.0
#include "story/holes.hpp"

namespace reveille::sim {

namespace {

constexpr net::MacAddress broadcast{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

template <net::Address ServerHost::*address>
Bytes to(net::UdpFrame request, const ServerHost& host) {
  request.destination = host.*address;
  return net::build(request);
}

template <net::Address ServerHost::*address>
Bytes to_group4(net::UdpFrame request, const ServerHost& host) {
  request.ethernet_destination = broadcast;
  return to<address>(std::move(request), host);
}

/// RFC 2464: the Ethernet address has the last four octets of the group's.
template <net::Address ServerHost::*address>
Bytes to_group6(net::UdpFrame request, const ServerHost& host) {
  const auto& octets = (host.*address).octets;
  request.ethernet_destination = {0x33, 0x33, octets[12], octets[13], octets[14], octets[15]};
  return to<address>(std::move(request), host);
}

template <std::size_t count>
Bytes with_tags(net::UdpFrame request, const ServerHost&) {
  request.tags.resize(count);  // of identifier 0: priority alone
  return net::build(request);
}

Bytes in_snap(net::UdpFrame request, const ServerHost&) {
  Bytes frame = net::build(request);
  Bytes header;
  append_big_endian(header, frame.size() - 12 + 6, 2);  // what follows the length field
  append(header, Bytes{0xAA, 0xAA, 3, 0, 0, 0});
  frame.insert(frame.begin() + 12, header.begin(), header.end());
  return frame;
}

/// Over the host's second address to the server's, whose checksum it has.
Bytes source_routed(net::UdpFrame request, const ServerHost& host) {
  constexpr std::size_t udp_checksum_at = 14 + 20 + 6;
  const Bytes direct = net::build(request);
  request.udp_checksum = static_cast<std::uint16_t>(direct[udp_checksum_at] << 8 | direct[udp_checksum_at + 1]);
  request.ipv4_options = {1, 0x83, 7, 4};
  append(request.ipv4_options, host.ipv4.header_octets());
  request.destination = host.second_ipv4;
  return net::build(request);
}

Bytes behind_extensions(net::UdpFrame request, const ServerHost& host) {
  const auto padding = net::ExtensionHeader::padding;
  request.extensions = {padding(0, 0), padding(60, 2), padding(43, 0), net::ExtensionHeader::fragment(0, false)};
  return to<&ServerHost::second_ipv6>(std::move(request), host);
}

Bytes in_vxlan(net::UdpFrame request, const ServerHost&) {
  const Bytes inner = net::build(request);
  request.destination_port = 4789;
  request.payload = {8, 0, 0, 0, 0, 0, 77, 0};
  append(request.payload, inner);
  return net::build(request);
}

/// "Port unreachable", said of a datagram of the server's: in place of a UDP header the ICMP one.
Bytes in_icmp_error(net::UdpFrame request, const ServerHost& host) {
  net::UdpFrame quoted = request;
  quoted.source = host.ipv4;
  quoted.destination = request.source;
  const Bytes frame = net::build(quoted);
  request.protocol = 1;
  request.source_port = 0x0303;  // type and code
  request.destination_port = 0;  // checksum
  request.udp_length = request.udp_checksum = 0;
  request.payload.assign(frame.begin() + 14, frame.end());
  return net::build(request);
}

constexpr Hole all_holes[] = {
    {"server-ipv4", true, to<&ServerHost::ipv4>},
    {"server-ipv6", false, to<&ServerHost::ipv6>},
    {"second-ipv4", true, to<&ServerHost::second_ipv4>},
    {"second-ipv6", false, to<&ServerHost::second_ipv6>},
    {"link-local", false, to<&ServerHost::link_local>},
    {"subnet-broadcast", true, to_group4<&ServerHost::subnet_broadcast>},
    {"limited-broadcast", true, to_group4<&ServerHost::limited_broadcast>},
    {"all-hosts", true, to_group4<&ServerHost::all_hosts>},
    {"all-nodes", false, to_group6<&ServerHost::all_nodes>},
    {"solicited-node", false, to_group6<&ServerHost::solicited_node>},
    {"three-tags", true, with_tags<3>},
    {"thirty-tags", false, with_tags<30>},
    {"snap", true, in_snap},
    {"source-route", true, source_routed},
    {"extension-headers", false, behind_extensions},
    {"vxlan", true, in_vxlan},
    {"icmp-error", true, in_icmp_error},
};

}  // namespace

std::span<const Hole> holes() { return all_holes; }

}  // namespace reveille::sim
