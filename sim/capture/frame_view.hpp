// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "reveille/net/address.hpp"

namespace reveille::sim {

/// What a frame shows to whoever looks at traffic and does not judge it. Checksums are not looked at: a capture taken
/// on the host that sends holds them unfinished.
struct FrameView {
  net::Address source;
  net::Address destination;
  bool udp = false;  ///< with a whole header, not in a later fragment; then the rest is there
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  ByteView payload = {};  ///< as much as UDP length and frame hold
};

/// IPv4 or IPv6 behind up to two VLAN tags, and UDP behind IPv6 extension headers; nothing for any other frame.
std::optional<FrameView> view(ByteView frame);

}  // namespace reveille::sim
