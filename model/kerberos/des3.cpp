// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/des3.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace reveille::kerberos::des3 {
namespace {

constexpr std::size_t part_size = 7;  // of a seed, for one key of DES

std::uint8_t with_odd_parity(unsigned octet) {
  const unsigned data = octet & 0xFEU;
  return static_cast<std::uint8_t>(data | (std::popcount(data) % 2 == 0 ? 1U : 0U));
}

/// The four weak and twelve semi-weak keys of DES are those whose two registers hold all zeros, all ones or one of
/// both by turns: in octets, A B A B and then what belongs to them, C D C D.
bool is_weak(std::span<const std::uint8_t> key) {
  constexpr std::array<std::array<std::uint8_t, 2>, 4> halves = {
      {{0x01, 0x01}, {0x1F, 0x0E}, {0xE0, 0xF1}, {0xFE, 0xFE}}};
  const auto is_half = [&](std::size_t at) {
    return key[at] == key[at + 2] && key[at + 4] == key[at + 6] &&
           std::ranges::any_of(halves, [&](const auto& half) { return half[0] == key[at] && half[1] == key[at + 4]; });
  };
  return is_half(0) && is_half(1);
}

}  // namespace

SecretBytes n_fold(ByteView text, std::size_t size) {
  // Copies of the text, each turned right by 13 bits more than the one before, are cut into pieces of `size` and added
  // in ones' complement.
  const std::size_t whole = std::lcm(text.size(), size), bits = text.size() * 8;
  SecretBytes folded(size);
  unsigned carry = 0;
  const auto add = [&](std::size_t at, unsigned octet) {
    carry += folded[at % size] + octet;
    folded[at % size] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  };
  // The least significant octet first, so that what one piece carries goes into the end of the next, as it is to.
  for (std::size_t at = whole; at-- > 0;) {
    const std::size_t turned = 13 * (at / text.size()) % bits;
    const std::size_t first = ((at % text.size()) * 8 + bits - turned) % bits;
    const unsigned pair = unsigned{text[first / 8]} << 8 | text[(first / 8 + 1) % text.size()];
    add(at, pair >> (8 - first % 8) & 0xFFU);
  }
  while (carry != 0) {
    for (std::size_t at = size; at-- > 0;) add(at, 0);
  }
  return folded;
}

SecretBytes random_to_key(ByteView seed) {
  SecretBytes key;
  for (std::size_t part = 0; part < seed_size; part += part_size) {
    unsigned low_bits = 0;
    for (std::size_t i = 0; i < part_size; ++i) {
      key.push_back(with_odd_parity(seed[part + i]));
      low_bits |= (seed[part + i] & 1U) << (i + 1);
    }
    key.push_back(with_odd_parity(low_bits));
    if (is_weak(std::span(key).last(block_size))) key.back() ^= 0xF0U;
  }
  return key;
}

void cut_padding(SecretBytes& plain) {
  if (plain.size() < 2) return;
  std::size_t header = 2, length = plain[1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7FU;
    header += octets;
    if (octets == 0 || octets > 3 || plain.size() < header) return;
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = length << 8 | plain[i];
  }
  const std::size_t end = header + length;
  if (end <= plain.size() && plain.size() - end < block_size) plain.resize(end);
}

}  // namespace reveille::kerberos::des3
