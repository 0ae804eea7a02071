// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// What stands in front of a packet: Ethernet, or what Linux writes for its device `any` (tcpdump's LINUX_SLL,
/// LINUX_SLL2).
enum class LinkType : std::uint16_t { ethernet = 1, linux_sll = 113, linux_sll2 = 276 };

constexpr const char* known_link_types = "1 (Ethernet), 113 (Linux cooked) or 276 (Linux cooked, version 2)";

/// Nothing for a number that is none of them.
std::optional<LinkType> link_type(std::uint32_t number);
std::size_t header_octets(LinkType link);

/// The packet as an Ethernet frame: destination zero, source as far as the header tells it, the header's protocol as
/// EtherType, or where it is none, the length of what follows. A whole header is there.
Bytes as_ethernet(LinkType link, ByteView packet);

}  // namespace reveille::sim
