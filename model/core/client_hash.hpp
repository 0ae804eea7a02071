// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "net/address.hpp"

namespace reveille::core {

/// Simple tabulation of client addresses: sixteen tables, one for each octet, of 256 words of 18 random bits
/// (docs/architecture.md, "Hash").
class ClientHash {
 public:
  static constexpr unsigned kTables = 16;
  static constexpr unsigned kWords = kTables * 256;
  static constexpr unsigned kBits = 18;

  struct Rows {
    std::uint16_t row0 = 0;
    std::uint16_t row1 = 0;
  };

  /// Word 256 * table + value of the octet.
  void write(unsigned word, std::uint32_t bits) { words_[word] = bits; }

  [[nodiscard]] Rows rows(const net::Address& client) const {
    std::uint32_t result = 0;
    for (unsigned i = client.is_ipv4() ? 12 : 0; i < kTables; ++i) result ^= words_[256 * i + client.octets[i]];
    return {static_cast<std::uint16_t>(result >> 9), static_cast<std::uint16_t>(result & 0x1FF)};
  }

 private:
  std::array<std::uint32_t, kWords> words_{};
};

/// Fills the tables after reset from nonces read as one string of bits (docs/timing/guard.md, S2).
class HashFill {
 public:
  [[nodiscard]] bool wants_nonce() const { return bits_ < ClientHash::kBits; }
  [[nodiscard]] bool done() const { return word_ == ClientHash::kWords; }

  void reset() { *this = {}; }
  void add(std::uint32_t nonce) {
    string_ = string_ << 32 | nonce;
    bits_ += 32;
  }
  void write_next(ClientHash& hash) {
    bits_ -= ClientHash::kBits;
    hash.write(word_++, static_cast<std::uint32_t>(string_ >> bits_) & ((1U << ClientHash::kBits) - 1));
  }

 private:
  std::uint64_t string_ = 0;  // its lowest bits_ bits are still to be used
  unsigned bits_ = 0;
  unsigned word_ = 0;
};

}  // namespace reveille::core
