// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include "reveille/net/frame.hpp"

namespace reveille::core {

/// Next hops and the server principal, in two banks: the host writes the one that is not in use (docs/architecture.md,
/// "Framing memory"). Not cleared by reset, which only says which bank is in use.
class FramingMemory {
 public:
  static constexpr std::size_t kWords = 64;
  static constexpr std::size_t kOctets = 4 * kWords;
  static constexpr std::size_t kHopOctets = 16;
  static constexpr std::size_t kPrincipalAt = 128;

  void reset() { in_use_ = 0; }
  /// Octet 4k in bits 7:0 of word k.
  void write(unsigned word, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) banks_[1 - in_use_][4 * word + i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
  void commit() { in_use_ = 1 - in_use_; }

  [[nodiscard]] ByteView hop(unsigned index) const { return ByteView(bank()).subspan(index * kHopOctets, kHopOctets); }
  /// Without its NUL.
  [[nodiscard]] ByteView principal() const {
    const auto begin = bank().begin() + kPrincipalAt;
    const auto end = std::find(begin, bank().end() - 1, 0);
    return ByteView(bank()).subspan(kPrincipalAt, static_cast<std::size_t>(end - begin));
  }
  bool operator==(const FramingMemory&) const = default;

 private:
  [[nodiscard]] const std::array<std::uint8_t, kOctets>& bank() const { return banks_[in_use_]; }
  std::array<std::array<std::uint8_t, kOctets>, 2> banks_{};
  unsigned in_use_ = 0;
};

}  // namespace reveille::core
