// SPDX-License-Identifier: Apache-2.0
#include "core/hash_key.hpp"

namespace reveille::core {

HashKey::HashKey(const std::array<std::uint32_t, 5>& words) {
  const auto key_bit = [&words](unsigned from_top) { return words[from_top / 32] >> (31 - from_top % 32) & 1; };
  for (unsigned bit = 0; bit < 128; ++bit) {
    std::uint32_t window = 0;  // K[159 - bit : 142 - bit]
    for (unsigned i = 0; i < 18; ++i) window = window << 1 | key_bit(bit + i);
    auto& table = octet_[bit / 8];
    for (unsigned value = 0; value < 256; ++value) {
      if ((value >> (7 - bit % 8) & 1) != 0) table[value] ^= window;
    }
  }
}

HashKey::Rows HashKey::rows(const net::Address& client) const {
  std::uint32_t result = 0;
  // The prefix of an IPv4-mapped address is not hashed: it counts as zeros, which add nothing.
  for (unsigned i = client.is_ipv4() ? 12 : 0; i < 16; ++i) result ^= octet_[i][client.octets[i]];
  return {static_cast<std::uint16_t>(result >> 9), static_cast<std::uint16_t>(result & 0x1FF)};
}

}  // namespace reveille::core
