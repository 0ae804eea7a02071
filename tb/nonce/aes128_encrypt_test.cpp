// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "Vreveille_aes128_encrypt.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using namespace reveille;
using test::Bench;

class Aes : public Bench<Vreveille_aes128_encrypt> {
 public:
  Aes() {
    Aes& rtl = *this;
    rtl->clear_i = rtl->wipe_i = rtl->load_key_i = rtl->load_data_i = rtl->start_i = 0;
    reset();
  }

  /// Loads in the given order; starts with the last octet of the data.
  void start(ByteView key, ByteView data, const std::array<unsigned, 16>& order) {
    Aes& rtl = *this;
    for (unsigned i = 0; i < 32; ++i) {
      rtl->load_key_i = i < 16;
      rtl->load_data_i = i >= 16;
      rtl->load_index_i = order[i % 16];
      rtl->load_octet_i = (i < 16 ? key : data)[order[i % 16]];
      rtl->start_i = i == 31;
      if (i < 31) step();
    }
    // From here on "cycle 0" is the one with start_i.
  }

  Bytes encrypt(ByteView key, ByteView data, const std::array<unsigned, 16>& order) {
    Aes& rtl = *this;
    start(key, data, order);
    Bytes out;
    for (unsigned cycle = 0; cycle < 332; ++cycle) {
      const bool expected = cycle >= 309 && cycle < 325;
      REQUIRE(rtl->block_valid_o == expected);
      if (expected) {
        REQUIRE(rtl->block_index_o == cycle - 309);
        out.push_back(rtl->block_o);
      }
      step();
      rtl->load_key_i = rtl->load_data_i = rtl->start_i = 0;
    }
    return out;
  }
};

constexpr std::array<unsigned, 16> ascending{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

Bytes openssl(ByteView key, ByteView data) {
  Bytes out(32);
  int length = 0;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                               EVP_CIPHER_CTX_free);
  REQUIRE(EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr) == 1);
  REQUIRE(EVP_EncryptUpdate(cipher.get(), out.data(), &length, data.data(), static_cast<int>(data.size())) == 1);
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace

TEST_CASE("known answers") {
  Aes aes;
  for (const auto& row : test::vectors("aes128.vec", "aes128")) CHECK(aes.encrypt(row[0], row[1], ascending) == row[2]);
}

TEST_CASE("as OpenSSL encrypts, in the same cycles, in whatever order it is loaded") {
  Aes aes;
  std::mt19937 random(1);
  std::array<unsigned, 16> order = ascending;
  for (unsigned i = 0; i < 2000; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    const Bytes key = test::random_octets(16, random);
    const Bytes data = test::random_octets(16, random);
    REQUIRE(aes.encrypt(key, data, order) == openssl(key, data));
  }
}

TEST_CASE("an encryption given up leaves no trace") {
  Aes aes;
  std::mt19937 random(2);
  for (unsigned given_up = 1; given_up < 330; given_up += 7) {
    aes.start(test::random_octets(16, random), test::random_octets(16, random), ascending);
    for (unsigned cycle = 0; cycle < given_up; ++cycle) {
      aes.step();
      aes->load_data_i = aes->start_i = 0;
    }
    aes->clear_i = 1;
    aes.step();
    aes->clear_i = 0;
    REQUIRE(aes->block_valid_o == 0);
    const Bytes key = test::random_octets(16, random);
    const Bytes data = test::random_octets(16, random);
    REQUIRE(aes.encrypt(key, data, ascending) == openssl(key, data));
  }
}
