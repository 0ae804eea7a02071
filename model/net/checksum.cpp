// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace reveille::net {

std::uint16_t ones_complement_sum(ByteView octets, std::uint16_t initial) {
  // The sum is the same in either byte order, but for a swap at the end (RFC 1071 section 2): words are added as they
  // lie.
  constexpr bool swaps = std::endian::native == std::endian::little;
  const auto swap = [](std::uint16_t word) { return static_cast<std::uint16_t>(word << 8 | word >> 8); };
  std::uint64_t sum = swaps ? swap(initial) : initial;
  while (!octets.empty()) {
    std::uint32_t word = 0;
    const std::size_t count = std::min(octets.size(), sizeof word);
    std::memcpy(&word, octets.data(), count);
    sum += word;
    octets = octets.subspan(count);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  const auto folded = static_cast<std::uint16_t>(sum);
  return swaps ? swap(folded) : folded;
}

std::uint16_t udp_pseudo_header_sum(ByteView source, ByteView destination, std::uint32_t udp_length) {
  // IPv4's pseudo header holds the length in 16 bits, IPv6's in 32: the same sum. 17 is UDP.
  const std::array<std::uint8_t, 8> tail = {static_cast<std::uint8_t>(udp_length >> 24),
                                            static_cast<std::uint8_t>(udp_length >> 16),
                                            static_cast<std::uint8_t>(udp_length >> 8),
                                            static_cast<std::uint8_t>(udp_length),
                                            0,
                                            0,
                                            0,
                                            17};
  return ones_complement_sum(tail, ones_complement_sum(destination, ones_complement_sum(source)));
}

}  // namespace reveille::net
