// SPDX-License-Identifier: Apache-2.0
#include "capture/link_type.hpp"

#include <algorithm>

namespace reveille::sim {

std::optional<LinkType> link_type(std::uint32_t number) {
  for (const LinkType known : {LinkType::ethernet, LinkType::linux_sll, LinkType::linux_sll2})
    if (number == static_cast<std::uint32_t>(known)) return known;
  return std::nullopt;
}

std::size_t header_octets(LinkType link) {
  switch (link) {
    case LinkType::ethernet: return 14;
    case LinkType::linux_sll: return 16;
    case LinkType::linux_sll2: return 20;
  }
  return 0;
}

Bytes as_ethernet(LinkType link, ByteView packet) {
  if (link == LinkType::ethernet) return {packet.begin(), packet.end()};
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

}  // namespace reveille::sim
