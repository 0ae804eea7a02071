// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstring>

#include "reveille/common/bytes.hpp"

namespace reveille::core {

/// Ones' complement sum of 16-bit words (RFC 1071). It is the same in either byte order but for the order of its own
/// octets, so it is summed as it lies in memory.
class Checksum {
 public:
  void reset() { sum_ = 0; }
  /// Everything but the last piece is a multiple of two octets; an odd last octet counts as if a zero followed.
  void add(ByteView octets) {
    const std::uint8_t* at = octets.data();
    std::size_t left = octets.size();
    for (; left >= 4; left -= 4, at += 4) {
      std::uint32_t words = 0;
      std::memcpy(&words, at, 4);
      sum_ += words;
    }
    std::uint32_t rest = 0;
    std::memcpy(&rest, at, left);
    sum_ += rest;
  }
  /// A big-endian 16-bit word.
  void add_word(unsigned word) { sum_ += static_cast<unsigned>((word & 0xFF) << 8 | (word >> 8 & 0xFF)); }

  /// Whether everything added sums to 0xFFFF.
  [[nodiscard]] bool good() const {
    std::uint64_t folded = sum_;
    while (folded >> 16 != 0) folded = (folded & 0xFFFF) + (folded >> 16);
    return folded == 0xFFFF;
  }
  bool operator==(const Checksum&) const = default;

 private:
  static_assert(std::endian::native == std::endian::little, "an odd last octet is the low half of its word here");
  std::uint64_t sum_ = 0;
};

}  // namespace reveille::core
