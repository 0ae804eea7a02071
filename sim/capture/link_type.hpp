// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// What stands in front of a packet: Ethernet; what Linux writes for its device `any` (tcpdump's LINUX_SLL,
/// LINUX_SLL2); four octets, on a loopback device; or nothing, and the packet is IP.
enum class LinkType : std::uint16_t {
  loopback_null = 0,
  ethernet = 1,
  raw_ip = 101,
  loopback = 108,
  linux_sll = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_sll2 = 276
};

/// What is known, and what helps who has another.
constexpr const char* known_link_types =
    "1 (Ethernet), 113 or 276 (Linux cooked), 101, 228 or 229 (IP), 0 or 108 (loopback) expected; tcpdump -i any "
    "captures any device so";

/// Nothing for a number that is none of them.
std::optional<LinkType> link_type(std::uint32_t number);
std::size_t header_octets(LinkType link);

/// The packet as an Ethernet frame: destination zero, source as far as the header tells it, else zero; the header's
/// protocol as EtherType, or where it is none, the length of what follows. Behind a header without source and protocol
/// the version of IP says which it is; of what is neither version, nothing. A whole header is there.
std::optional<Bytes> as_ethernet(LinkType link, ByteView packet);

}  // namespace reveille::sim
