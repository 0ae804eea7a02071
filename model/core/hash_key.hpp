// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "net/address.hpp"

namespace reveille::core {

/// The Toeplitz hash of client addresses under the key K of 160 bits (docs/architecture.md, "Hash").
class HashKey {
 public:
  struct Rows {
    std::uint16_t row0 = 0;
    std::uint16_t row1 = 0;
  };

  HashKey() : HashKey(std::array<std::uint32_t, 5>{}) {}
  /// `words[0]` is K[159:128].
  explicit HashKey(const std::array<std::uint32_t, 5>& words);

  [[nodiscard]] Rows rows(const net::Address& client) const;

 private:
  /// What each value of each octet adds to the result.
  std::array<std::array<std::uint32_t, 256>, 16> octet_{};
};

}  // namespace reveille::core
