// SPDX-License-Identifier: Apache-2.0
#include "Vreveille_ctr_drbg.h"
#include "Vreveille_ctr_drbg___024root.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using namespace reveille;
using test::Bench;
using test::OpensslDrbg;

constexpr unsigned encrypt_cycles = 368;
constexpr unsigned wipe_cycles = 36;

class Drbg : public Bench<Vreveille_ctr_drbg> {
 public:
  explicit Drbg(int random_seed = 1) : Bench(random_seed) {
    Drbg& rtl = *this;
    rtl->clear_i = rtl->seed_valid_i = rtl->zeroise_i = rtl->seed_i = rtl->block_i = rtl->update_i = 0;
    reset();
    zeroise();
  }

  void clear() {
    Drbg& rtl = *this;
    rtl->clear_i = 1;
    step();
    rtl->clear_i = 0;
  }
  void zeroise() { REQUIRE(run((*this)->zeroise_i, encrypt_cycles) == Bytes(16)); }
  void update() {
    REQUIRE(run((*this)->update_i, 2 * encrypt_cycles + wipe_cycles).empty());
    require_wiped();
  }
  Bytes block() {
    Bytes out = run((*this)->block_i, encrypt_cycles);
    REQUIRE(out.size() == 16);
    return out;
  }
  void seed(ByteView octets) {
    Drbg& rtl = *this;
    for (const std::uint8_t octet : octets) {
      if (octet % 3 == 0) step();
      rtl->seed_valid_i = 1;
      rtl->seed_octet_i = octet;
      step();
      rtl->seed_valid_i = 0;
    }
    const unsigned blocks = static_cast<unsigned>(octets.size() + 24) / 16;
    REQUIRE(run(rtl->seed_i, (2 * blocks + 6) * encrypt_cycles + wipe_cycles).empty());
    require_wiped();
  }
  void seed(ByteView entropy, ByteView nonce) {
    Bytes both(entropy.begin(), entropy.end());
    append(both, nonce);
    seed(both);
  }
  Bytes generate(unsigned octets) {
    Bytes out;
    for (unsigned at = 0; at < octets; at += 16) append(out, block());
    update();
    return out;
  }

 private:
  /// G10: nothing is left but Key and V, 32 octets of the four lines, in the first cycle behind the command.
  void require_wiped() {
    const auto& root = *(*this)->rootp;
    const unsigned spare = root.reveille_ctr_drbg__DOT__key_line_q ? 0 : 16;
    for (unsigned i = 0; i < 16; ++i) {
      REQUIRE(root.reveille_ctr_drbg__DOT__u_lines__DOT__memory[spare + i] == 0);
      REQUIRE(root.reveille_ctr_drbg__DOT__u_lines__DOT__memory[48 + i] == 0);
      REQUIRE(root.reveille_ctr_drbg__DOT__u_aes__DOT__u_key__DOT__memory[i] == 0);
    }
    for (unsigned i = 0; i < 32; ++i) REQUIRE(root.reveille_ctr_drbg__DOT__u_aes__DOT__u_state__DOT__memory[i] == 0);
    for (unsigned i = 0; i < 64; ++i) REQUIRE(root.reveille_ctr_drbg__DOT__u_seed__DOT__memory[i] == 0);
    REQUIRE(root.reveille_ctr_drbg__DOT__u_aes__DOT__schedule_q == 0);
  }

  /// Gives a command and requires it to take its time to the cycle. What leaves, by its index.
  Bytes run(CData& command, unsigned cycles) {
    Drbg& rtl = *this;
    Bytes out;
    unsigned left = 0;
    command = 1;
    for (unsigned at = 1; at <= cycles; ++at) {
      rtl->eval();
      REQUIRE(rtl->done_o == (at == cycles));
      if (rtl->block_valid_o) {
        out.resize(16);
        out[rtl->block_index_o] = rtl->block_octet_o;
        left |= 1U << rtl->block_index_o;
      }
      step();
    }
    command = 0;
    REQUIRE(left == (out.empty() ? 0 : 0xFFFF));
    return out;
  }
};

}  // namespace

TEST_CASE("NIST's vectors") {
  for (const auto& row : test::vectors("ctr_drbg.vec", "no_reseed")) {
    Drbg drbg;
    drbg.seed(row[0], row[1]);
    drbg.generate(64);
    CHECK(drbg.generate(64) == row[2]);
  }
  for (const auto& row : test::vectors("ctr_drbg.vec", "pr_false")) {
    Drbg drbg;
    drbg.seed(row[0], row[1]);
    drbg.seed(row[2]);
    drbg.generate(64);
    CHECK(drbg.generate(64) == row[3]);
  }
  for (const auto& row : test::vectors("ctr_drbg.vec", "pr_true")) {
    Drbg drbg;
    drbg.seed(row[0], row[1]);
    drbg.seed(row[2]);
    drbg.generate(64);
    drbg.seed(row[3]);
    CHECK(drbg.generate(64) == row[4]);
  }
}

TEST_CASE("as OpenSSL's CTR-DRBG, for seeds of every length") {
  std::mt19937 random(1);
  for (std::size_t length = 24; length <= 55; ++length) {
    const Bytes seed = test::random_octets(length, random);
    Drbg drbg(static_cast<int>(length));
    OpensslDrbg openssl(seed);
    drbg.seed(seed);
    for (unsigned reseed = 0; reseed < 4; ++reseed) {
      for (unsigned generate = 0; generate < 3; ++generate) {
        const unsigned octets = 16 * (1 + random() % 3);
        REQUIRE(drbg.generate(octets) == openssl.generate(octets));
      }
      const Bytes entropy = test::random_octets(16 + random() % 40, random);
      drbg.seed(entropy);
      openssl.reseed(entropy);
    }
  }
}

TEST_CASE("V counts across all of its octets that a test can reach") {
  // Seeds found by search (2^32 tries each): after Instantiate V ends in ff ff ff ff.
  for (const auto& row : test::vectors("search.vec", "v_wraps")) {
    Drbg drbg;
    OpensslDrbg openssl(row[0]);
    drbg.seed(row[0]);
    REQUIRE(drbg.generate(64) == openssl.generate(64));
  }
}

TEST_CASE("zeroise leaves Key and V zero, and no seed") {
  const Bytes zero_key_counts_to_1 = from_hex("58e2fccefa7e3061367f1d57a4e7455a");  // AES-128 of 1 under the key 0
  std::mt19937 random(3);
  Drbg drbg;
  CHECK(drbg.block() == zero_key_counts_to_1);
  for (unsigned given_up = 1; given_up < 14 * encrypt_cycles; given_up += 311) {
    drbg.clear();
    drbg.zeroise();
    drbg.seed(test::random_octets(48, random));
    drbg.block();
    drbg->seed_i = 0;
    // An Update, or a part of a Seed, given up anywhere.
    for (const std::uint8_t octet : test::random_octets(48, random)) {
      drbg->seed_valid_i = 1;
      drbg->seed_octet_i = octet;
      drbg.step();
    }
    drbg->seed_valid_i = 0;
    drbg->seed_i = given_up % 2;
    drbg->update_i = !drbg->seed_i;
    for (unsigned cycle = 0; cycle < (drbg->seed_i ? given_up : given_up % (2 * encrypt_cycles)); ++cycle) drbg.step();
    drbg.clear();
    drbg->seed_i = drbg->update_i = 0;
    drbg.zeroise();
    REQUIRE(drbg.block() == zero_key_counts_to_1);
    drbg.update();

    drbg.clear();
    drbg.zeroise();
    const Bytes seed = test::random_octets(48, random);
    drbg.seed(seed);
    REQUIRE(drbg.generate(16) == OpensslDrbg(seed).generate(16));
  }
}
