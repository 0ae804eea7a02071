// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "reveille/config.hpp"
#include "reveille/net/address.hpp"

namespace reveille::core {

/// Simple tabulation of client addresses: sixteen tables, one for each octet, of 256 words of random bits
/// (docs/architecture.md, "Hash").
class ClientHash {
 public:
  static constexpr unsigned kTables = 16;
  static constexpr unsigned kWords = kTables * 256;
  static constexpr unsigned kRowBits = std::countr_zero(config::kSessions) - 3;  ///< eight sessions have a row number
  static constexpr unsigned kBits = 2 * kRowBits;

  struct Rows {
    std::uint16_t row0 = 0;
    std::uint16_t row1 = 0;
  };

  /// Word 256 * table + value of the octet: the lowest bits of a nonce.
  void write(unsigned word, std::uint32_t nonce) { words_[word] = nonce & ((1U << kBits) - 1); }

  [[nodiscard]] Rows rows(const net::Address& client) const {
    std::uint32_t result = 0;
    for (unsigned i = client.is_ipv4() ? 12 : 0; i < kTables; ++i) result ^= words_[256 * i + client.octets[i]];
    return {static_cast<std::uint16_t>(result >> kRowBits),
            static_cast<std::uint16_t>(result & ((1U << kRowBits) - 1))};
  }
  bool operator==(const ClientHash&) const = default;

 private:
  std::array<std::uint32_t, kWords> words_{};
};

}  // namespace reveille::core
