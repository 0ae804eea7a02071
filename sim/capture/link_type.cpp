// SPDX-License-Identifier: Apache-2.0
#include "capture/link_type.hpp"

#include <algorithm>

namespace reveille::sim {
namespace {

Bytes from_linux_any(LinkType link, ByteView packet) {
  const bool first_version = link == LinkType::linux_sll;
  const std::size_t address_length = first_version ? std::size_t{packet[4]} << 8 | packet[5] : packet[11];
  const ByteView address = packet.subspan(first_version ? 6 : 12, 6);
  const ByteView type = packet.subspan(first_version ? 14 : 0, 2);
  const ByteView payload = packet.subspan(header_octets(link));
  constexpr std::uint8_t lowest_type = 0x06;  // 0x0600; below it stands a length

  Bytes frame(6, 0);
  if (address_length == address.size()) {
    append(frame, address);
  } else {
    frame.resize(12, 0);
  }
  if (type[0] >= lowest_type) {
    append(frame, type);
  } else {
    append_big_endian(frame, std::min<std::size_t>(payload.size(), 0x05ff), 2);
  }
  append(frame, payload);
  return frame;
}

/// By the version, not by a loopback device's address family: its number and octet order are the capturing system's.
std::optional<Bytes> from_ip(ByteView packet) {
  const unsigned version = packet.empty() ? 0 : packet[0] >> 4;
  if (version != 4 && version != 6) return std::nullopt;
  Bytes frame(12, 0);
  append_big_endian(frame, version == 4 ? 0x0800 : 0x86dd, 2);
  append(frame, packet);
  return frame;
}

}  // namespace

std::optional<LinkType> link_type(std::uint32_t number) {
  for (const LinkType known : {LinkType::ethernet, LinkType::linux_sll, LinkType::linux_sll2, LinkType::raw_ip,
                               LinkType::ipv4, LinkType::ipv6, LinkType::loopback_null, LinkType::loopback})
    if (number == static_cast<std::uint32_t>(known)) return known;
  return std::nullopt;
}

std::size_t header_octets(LinkType link) {
  switch (link) {
    case LinkType::ethernet: return 14;
    case LinkType::linux_sll: return 16;
    case LinkType::linux_sll2: return 20;
    case LinkType::loopback_null:
    case LinkType::loopback: return 4;
    case LinkType::raw_ip:
    case LinkType::ipv4:
    case LinkType::ipv6: return 0;
  }
  return 0;
}

std::optional<Bytes> as_ethernet(LinkType link, ByteView packet) {
  switch (link) {
    case LinkType::ethernet: return Bytes(packet.begin(), packet.end());
    case LinkType::linux_sll:
    case LinkType::linux_sll2: return from_linux_any(link, packet);
    default: return from_ip(packet.subspan(header_octets(link)));
  }
}

}  // namespace reveille::sim
