// SPDX-License-Identifier: Apache-2.0
#include "Vreveille_aes_sbox.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using reveille::test::Bench;

unsigned multiply(unsigned a, unsigned b) {
  unsigned product = 0;
  for (; b != 0; b >>= 1) {
    if (b & 1) product ^= a;
    a = (a << 1) ^ ((a & 0x80) ? 0x11b : 0);
  }
  return product;
}

/// FIPS-197, 5.1.1, to the letter.
unsigned sbox(unsigned octet) {
  unsigned inverse = 0;
  for (unsigned candidate = 1; candidate < 256; ++candidate) {
    if (multiply(octet, candidate) == 1) inverse = candidate;
  }
  unsigned out = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const auto bit = [&](unsigned index) { return inverse >> (index % 8) & 1; };
    out |= (bit(i) ^ bit(i + 4) ^ bit(i + 5) ^ bit(i + 6) ^ bit(i + 7) ^ (0x63U >> i & 1)) << i;
  }
  return out;
}

}  // namespace

TEST_CASE("every octet is substituted, three cycles later") {
  REQUIRE(sbox(0x53) == 0xed);
  Bench<Vreveille_aes_sbox> bench;
  for (unsigned octet = 0; octet < 256 + 6; ++octet) {
    bench->octet_i = octet & 0xff;
    if (octet >= 6) REQUIRE(bench->octet_o == sbox(octet - 6));
    bench.step();
  }
}
