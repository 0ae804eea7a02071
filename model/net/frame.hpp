// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "reveille/net/address.hpp"

/// Ethernet II, VLAN, IPv4, IPv6 and UDP, without FCS.
namespace reveille::net {

using MacAddress = std::array<std::uint8_t, 6>;

struct VlanTag {
  std::uint16_t tpid = 0x8100;
  std::uint16_t tci = 0;
};

/// An IPv6 extension header: `body` is what lies behind the next-header octet, its length octet included (RFC 8200).
struct ExtensionHeader {
  std::uint8_t type = 60;
  Bytes body;

  /// Hop-by-hop (0), routing (43) or destination options (60) of 8 * (length + 1) octets; options are one PadN.
  static ExtensionHeader padding(std::uint8_t type, std::uint8_t length = 0);
  static ExtensionHeader fragment(std::uint16_t offset, bool more, std::uint32_t identification = 1);
};

/// What a frame is built from. The family is the destination's. Fields left empty come out right; the others come out
/// as they are set, wrong or not: attackers and tests build with the same function as everybody.
struct UdpFrame {
  MacAddress ethernet_destination{0x02, 0, 0, 0, 0, 1};
  MacAddress ethernet_source{0x02, 0, 0, 0, 0, 2};
  std::vector<VlanTag> tags;

  Address source;
  Address destination;
  std::uint16_t source_port = 1293;
  std::uint16_t destination_port = 1293;
  Bytes payload;

  Bytes ipv4_options;                       ///< a multiple of 4, at most 40 octets
  std::uint16_t ipv4_fragment = 0x4000;     ///< flags and offset; default: do not fragment
  std::vector<ExtensionHeader> extensions;  ///< of IPv6, in order
  std::uint8_t traffic_class = 0;           ///< or type of service
  std::uint8_t hop_limit = 64;              ///< or time to live
  std::uint16_t identification = 0;
  Bytes trailer;  ///< octets behind the IP length

  std::optional<std::uint16_t> ip_length;  ///< IPv4 total length, IPv6 payload length
  std::optional<std::uint16_t> udp_length;
  std::optional<std::uint16_t> ipv4_checksum;
  std::optional<std::uint16_t> udp_checksum;
  std::optional<std::uint8_t> protocol;  ///< instead of UDP at the chain's end
};

/// The frame's octets; not padded to 60. Throws Error{bad_input} for IPv4 options that do not fit their header.
Bytes build(const UdpFrame& frame);

/// A received UDP datagram as an ordinary host sees it.
struct UdpDatagram {
  std::vector<VlanTag> tags;
  MacAddress ethernet_source{};
  Address source;
  Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  Bytes payload;
};

/// Takes a whole, unfragmented UDP frame apart, checking lengths and checksums. Throws Error{malformed} naming the
/// field.
UdpDatagram parse(ByteView frame);

/// 4 or 6 as the EtherType behind up to two VLAN tags says, 0 for anything else.
int ip_family(ByteView frame) noexcept;

}  // namespace reveille::net
