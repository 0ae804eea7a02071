// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_client_hash.h>

#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "ingress/toeplitz.hpp"
#include "nonce/support.hpp"

namespace {

using reveille::Bytes;
using reveille::test::toeplitz;

// Source: Microsoft, "Verifying the RSS Hash Calculation": key, and IPv4 source and destination with their hash.
const Bytes rss_key = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
                       0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
                       0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

TEST_CASE("The reference gives the published hashes of receive-side scaling") {
  CHECK(toeplitz(rss_key, Bytes{66, 9, 149, 187, 161, 142, 100, 80}, 32) == 0x323e8fc2);
  CHECK(toeplitz(rss_key, Bytes{199, 92, 111, 2, 65, 69, 140, 83}, 32) == 0xd718262a);
  CHECK(toeplitz(rss_key, Bytes{66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6}, 32) == 0x51ccc178);
}

struct HashBench {
  reveille::test::Bench<Vreveille_client_hash> rtl;
  Bytes key = Bytes(20);
  Bytes address = Bytes(16);

  HashBench() {
    rtl->first_next_i = rtl->ipv4_valid_i = rtl->upper_valid_i = rtl->lower_valid_i = 0;
    rtl.reset();
  }
  void set_key(std::mt19937_64& random) {
    for (auto& octet : key) octet = static_cast<std::uint8_t>(random());
    for (unsigned i = 0; i < 5; ++i) {
      rtl->key_i[i] = 0;
      for (unsigned j = 0; j < 4; ++j) rtl->key_i[i] = rtl->key_i[i] << 8 | key[16 - 4 * i + j];
    }
  }
  void show() {
    for (unsigned i = 0; i < 4; ++i) {
      rtl->address_i[i] = 0;
      for (unsigned j = 0; j < 4; ++j) rtl->address_i[i] = rtl->address_i[i] << 8 | address[12 - 4 * i + j];
    }
  }
  /// One cycle; a beat that brings a source holds the octets of `source` that are to be taken from it.
  void step(bool ipv4, bool upper, bool lower, const Bytes& source = Bytes(16)) {
    const std::size_t from = ipv4 ? 12 : 4;
    for (std::size_t i = from; i < from + 4; ++i) rtl->first_i = rtl->first_i << 8 | source[i];
    rtl->first_next_i = ipv4 || upper;
    rtl->ipv6_i = upper;
    rtl->ipv4_valid_i = ipv4;
    rtl->upper_valid_i = upper;
    rtl->lower_valid_i = lower;
    rtl->eval();
    const std::uint32_t next = static_cast<std::uint32_t>(rtl->next_row0_o) << 9 | rtl->next_row1_o;
    rtl.step();
    REQUIRE(next == rows());
  }
  [[nodiscard]] std::uint32_t rows() { return static_cast<std::uint32_t>(rtl->row0_o) << 9 | rtl->row1_o; }
};

// The announcing beat of an IPv4 source is in T-1 at the latest, so the rows are due three cycles behind it. Of an IPv6
// source the halves are announced in T-4 and T-3, or later if the frame has gaps; then the end is as much later.
TEST_CASE("I1: rows of IPv4 clients, 3 cycles after the beat that brings the source") {
  HashBench bench;
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    bench.set_key(random);
    for (auto& octet : bench.address) octet = static_cast<std::uint8_t>(random());
    bench.step(true, false, false, bench.address);
    bench.show();
    bench.step(false, false, false);
    bench.step(false, false, false);
    Bytes hashed(16);
    std::copy(bench.address.begin() + 12, bench.address.end(), hashed.begin() + 12);
    REQUIRE(bench.rows() == toeplitz(bench.key, hashed, 18));
    for (auto idle = random() % 4; idle != 0; --idle) {
      bench.step(false, false, false);
      REQUIRE(bench.rows() == toeplitz(bench.key, hashed, 18));
    }
  }
}

TEST_CASE("I1: rows of IPv6 clients, 5 cycles after the lower half with any gap before it") {
  HashBench bench;
  std::mt19937_64 random(2);
  for (int round = 0; round < 2000; ++round) {
    bench.set_key(random);
    Bytes next(16);
    for (auto& octet : next) octet = static_cast<std::uint8_t>(random());
    bench.step(false, true, false, next);
    std::copy(next.begin(), next.begin() + 8, bench.address.begin());
    bench.show();
    for (auto gap = random() % 3 == 0 ? random() % 6 : 0; gap != 0; --gap) bench.step(false, false, false);
    bench.step(false, false, true);
    bench.address = next;
    bench.show();
    for (int i = 0; i < 4; ++i) bench.step(false, false, false);
    REQUIRE(bench.rows() == toeplitz(bench.key, bench.address, 18));
  }
}

}  // namespace
