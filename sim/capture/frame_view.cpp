// SPDX-License-Identifier: Apache-2.0
#include "capture/frame_view.hpp"

#include <algorithm>

namespace reveille::sim {
namespace {

constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t fragment_header = 44;

std::uint16_t u16(ByteView octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

bool is_extension(std::uint8_t header) {
  return header == 0 || header == 43 || header == 60 || header == fragment_header;
}

void read_udp(ByteView datagram, FrameView& seen) {
  if (datagram.size() < 8) return;
  seen.udp = true;
  seen.source_port = u16(datagram, 0);
  seen.destination_port = u16(datagram, 2);
  const std::size_t length = std::clamp<std::size_t>(u16(datagram, 4), 8, datagram.size());
  seen.payload = datagram.subspan(8, length - 8);
}

std::optional<FrameView> view_ipv4(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return std::nullopt;
  FrameView seen{.source = net::Address::from_octets(packet.subspan(12, 4)),
                 .destination = net::Address::from_octets(packet.subspan(16, 4))};
  const std::size_t header = std::size_t{4} * (packet[0] & 0xfU);
  const bool later_fragment = (u16(packet, 6) & 0x1fff) != 0;
  if (packet[9] == protocol_udp && !later_fragment && header >= 20 && header <= packet.size())
    read_udp(packet.subspan(header), seen);
  return seen;
}

std::optional<FrameView> view_ipv6(ByteView packet) {
  if (packet.size() < 40 || packet[0] >> 4 != 6) return std::nullopt;
  FrameView seen{.source = net::Address::from_octets(packet.subspan(8, 16)),
                 .destination = net::Address::from_octets(packet.subspan(24, 16))};
  std::uint8_t header = packet[6];
  ByteView rest = packet.subspan(40);
  while (is_extension(header)) {
    if (rest.size() < 8) return seen;
    if (header == fragment_header && (u16(rest, 2) & 0xfff8) != 0) return seen;  // a later fragment
    const std::size_t length = header == fragment_header ? 8 : 8 * (std::size_t{rest[1]} + 1);
    if (length > rest.size()) return seen;
    header = rest[0];
    rest = rest.subspan(length);
  }
  if (header == protocol_udp) read_udp(rest, seen);
  return seen;
}

}  // namespace

std::optional<FrameView> view(ByteView frame) {
  for (std::size_t at = 12; at <= 20 && at + 2 <= frame.size(); at += 4) {
    const std::uint16_t type = u16(frame, at);
    if (type == 0x0800) return view_ipv4(frame.subspan(at + 2));
    if (type == 0x86dd) return view_ipv6(frame.subspan(at + 2));
    if (type != 0x8100 && type != 0x88a8) break;
  }
  return std::nullopt;
}

}  // namespace reveille::sim
