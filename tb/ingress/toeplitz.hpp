// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/bytes.hpp"

namespace reveille::test {

/// Toeplitz hash as its definition for receive-side scaling has it: for each input bit that is set, the `width` (at
/// most 32) leftmost bits of the key are added, and the key moves on by one bit.
inline std::uint32_t toeplitz(ByteView key, ByteView input, unsigned width) {
  const auto key_bit = [&](std::size_t bit) { return key[bit / 8] >> (7 - bit % 8) & 1U; };
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < input.size() * 8; ++i) {
    if ((input[i / 8] >> (7 - i % 8) & 1U) == 0) continue;
    std::uint32_t window = 0;
    for (unsigned j = 0; j < width; ++j) window = window << 1 | key_bit(i + j);
    result ^= window;
  }
  return result;
}

}  // namespace reveille::test
