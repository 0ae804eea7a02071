// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/net/address.hpp"

namespace reveille::net {

/// Ones' complement sum of big-endian 16-bit words (RFC 1071), an odd last octet padded with zero; `initial` is a sum
/// so far.
std::uint16_t ones_complement_sum(ByteView octets, std::uint16_t initial = 0);

/// Sum of the UDP pseudo header (RFC 768, RFC 8200 section 8.1). `source` and `destination` are of one family.
std::uint16_t udp_pseudo_header_sum(ByteView source, ByteView destination, std::uint32_t udp_length);

}  // namespace reveille::net
