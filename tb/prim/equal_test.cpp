// SPDX-License-Identifier: Apache-2.0
// Both forms of reveille_equal: words that differ in no bit, in one, and in some.
#include <verilated.h>

#include <array>
#include <cstdint>
#include <random>

#include "Vequal_ecp5.h"
#include "Vequal_plain.h"
#include "catch.hpp"

namespace {

constexpr unsigned kWidths = 64;  // from 2 on
constexpr unsigned kWords = 3;    // 65 bits in words of 32

/// The answers to words that differ in these bits, a bit a width.
template <class Rtl>
std::uint64_t answers(Rtl& rtl, std::mt19937& random, const std::array<std::uint32_t, kWords>& difference) {
  for (unsigned i = 0; i < kWords; ++i) {
    rtl.a_i[i] = i == kWords - 1 ? random() & 1 : random();
    rtl.b_i[i] = rtl.a_i[i] ^ difference[i];
  }
  rtl.eval();
  return rtl.equal_o;
}

}  // namespace

TEMPLATE_TEST_CASE("words are equal if no bit differs", "", Vequal_plain, Vequal_ecp5) {
  VerilatedContext context;
  TestType rtl(&context);
  std::mt19937 random(1);
  for (unsigned round = 0; round < 1000; ++round) {
    REQUIRE(answers(rtl, random, {}) == ~std::uint64_t{0});
    for (unsigned bit = 0; bit < kWidths + 1; ++bit) {
      std::array<std::uint32_t, kWords> difference{};
      difference[bit / 32] = 1U << bit % 32;
      // Only the widths that leave the bit out: those up to `bit`, the first of which is 2.
      const std::uint64_t expected = bit < 2 ? 0 : ~std::uint64_t{0} >> (kWidths + 1 - bit);
      CAPTURE(round, bit);
      REQUIRE(answers(rtl, random, difference) == expected);
      for (unsigned i = bit + 1; i < kWidths + 1; ++i)
        if (random() % 2 != 0) difference[i / 32] |= 1U << i % 32;
      REQUIRE(answers(rtl, random, difference) == expected);
    }
  }
}
