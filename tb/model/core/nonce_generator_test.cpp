// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/nonce_generator.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <deque>
#include <random>

#include "catch.hpp"

namespace reveille::core::test {
namespace {

/// OpenSSL's own CTR_DRBG, fed by its TEST-RAND: the judge of ours.
class OpensslDrbg {
 public:
  /// OpenSSL asks for 16 octets of entropy input and 8 of nonce.
  explicit OpensslDrbg(Bytes entropy, Bytes nonce) {
    EVP_RAND* test = EVP_RAND_fetch(nullptr, "TEST-RAND", nullptr);
    EVP_RAND* ctr = EVP_RAND_fetch(nullptr, "CTR-DRBG", nullptr);
    parent_ = EVP_RAND_CTX_new(test, nullptr);
    set_entropy(entropy, nonce);
    REQUIRE(EVP_RAND_instantiate(parent_, 128, 0, nullptr, 0, nullptr) == 1);
    drbg_ = EVP_RAND_CTX_new(ctr, parent_);
    char cipher[] = "AES-128-CTR";
    int use_df = 1;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher, 0),
                                 OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &use_df), OSSL_PARAM_construct_end()};
    REQUIRE(EVP_RAND_CTX_set_params(drbg_, params) == 1);
    // Without a personalization string OpenSSL takes one of its own; an empty one is none.
    const unsigned char empty = 0;
    REQUIRE(EVP_RAND_instantiate(drbg_, 128, 0, &empty, 0, nullptr) == 1);
    EVP_RAND_free(test);
    EVP_RAND_free(ctr);
  }
  ~OpensslDrbg() {
    EVP_RAND_CTX_free(drbg_);
    EVP_RAND_CTX_free(parent_);
  }
  OpensslDrbg(const OpensslDrbg&) = delete;
  OpensslDrbg& operator=(const OpensslDrbg&) = delete;

  void reseed(Bytes entropy) {
    Bytes nonce(8, 0);
    set_entropy(entropy, nonce);
    REQUIRE(EVP_RAND_reseed(drbg_, 0, nullptr, 0, nullptr, 0) == 1);
  }
  CtrDrbg::Block generate() {
    CtrDrbg::Block block;
    REQUIRE(EVP_RAND_generate(drbg_, block.data(), block.size(), 128, 0, nullptr, 0) == 1);
    return block;
  }

 private:
  void set_entropy(Bytes& entropy, Bytes& nonce) {
    unsigned strength = 128;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy.data(), entropy.size()),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce.data(), nonce.size()),
        OSSL_PARAM_construct_end()};
    REQUIRE(EVP_RAND_CTX_set_params(parent_, params) == 1);
  }
  EVP_RAND_CTX* parent_ = nullptr;
  EVP_RAND_CTX* drbg_ = nullptr;
};

Bytes random_octets(std::mt19937_64& random, std::size_t count) {
  Bytes out;
  while (out.size() < count) out.push_back(static_cast<std::uint8_t>(random()));
  return out;
}

TEST_CASE("CTR_DRBG gives OpenSSL's values") {
  std::mt19937_64 random(1);
  for (unsigned round = 0; round < 20; ++round) {
    const Bytes entropy = random_octets(random, 16);
    const Bytes nonce = random_octets(random, 8);
    OpensslDrbg judge(entropy, nonce);
    CtrDrbg drbg;
    Bytes seed = entropy;
    append(seed, nonce);
    drbg.instantiate(seed);
    for (unsigned i = 0; i < 5; ++i) CHECK(drbg.generate() == judge.generate());
    const Bytes again = random_octets(random, 16);
    drbg.reseed(again);
    judge.reseed(again);
    for (unsigned i = 0; i < 3; ++i) CHECK(drbg.generate() == judge.generate());
  }
}

/// A generator with a sample in every cycle.
struct Running {
  explicit Running(const NonceGeneratorParameters& parameters = {}) : generator(parameters) {}
  void step(bool nonce_ready = false, bool restart = false, bool sample = true) {
    generator.clock({sample, static_cast<std::uint8_t>(random()), nonce_ready, restart, 0, 0});
    ++cycle;
  }
  /// The cycle in which the next nonce is offered; it is taken in that one.
  std::uint64_t next() {
    while (!generator.nonce_valid()) step();
    const std::uint64_t at = cycle;
    step(true);
    return at;
  }
  NonceGenerator generator;
  std::mt19937_64 random{2};
  std::uint64_t cycle = 0;
};

TEST_CASE("The first nonce and the ones behind it come when they must") {  // G5, G6, G7, "What follows"
  Running run;
  while (!run.generator.seeded()) run.step();
  CHECK(run.cycle == 368 + 1024 + 48 + 5188);
  CHECK(run.next() == 7772);
  CHECK(run.next() == 7772 + 5);
  CHECK(run.next() == 7772 + 10);
  CHECK(run.next() == 7772 + 15);
  CHECK(run.next() == 7772 + 15 + 1145);
}

TEST_CASE("A sample missing in the last cycle of Zeroise costs one cycle") {  // G2, G5
  Running run;
  for (unsigned i = 0; i < 367; ++i) run.step();
  run.step(false, false, false);
  CHECK(run.next() == 7773);
}

TEST_CASE("A nonce waits until it is taken") {
  Running run;
  while (!run.generator.nonce_valid()) run.step();
  const std::uint32_t nonce = run.generator.nonce();
  for (unsigned i = 0; i < 50; ++i) {
    run.step();
    CHECK(run.generator.nonce() == nonce);
  }
  run.step(true);
  CHECK(!run.generator.nonce_valid());
  CHECK(run.generator.nonce() == 0);
}

TEST_CASE("Seeds are the samples collected, reseeds come after their interval") {  // G8
  NonceGeneratorParameters parameters;
  parameters.startup_samples = 10;
  parameters.reseed_interval = 2;
  parameters.seed_samples = 20;
  NonceGenerator generator(parameters);
  std::mt19937_64 random(3);
  std::vector<std::uint8_t> arrived;  // by cycle of arrival
  std::vector<std::uint32_t> nonces;
  std::vector<std::uint64_t> taken;
  std::uint8_t previous = 0;
  for (unsigned cycle = 0; nonces.size() < 12; ++cycle) {
    arrived.push_back(previous);
    if (generator.nonce_valid()) {
      nonces.push_back(generator.nonce());
      taken.push_back(cycle);
    }
    previous = static_cast<std::uint8_t>(random());
    generator.clock({true, previous, true, false, 0, 0});
  }
  const std::size_t instantiate = 368UL * (2 * ((20 + 24) / 16) + 6) + 36;
  CHECK(taken[0] == 368 + 10 + 20 + instantiate + 1140 + 4);
  CtrDrbg drbg;
  drbg.instantiate(ByteView(arrived).subspan(378, 20));
  const auto check_block = [&](std::size_t first) {
    const CtrDrbg::Block block = drbg.generate();
    ByteReader reader(block);
    for (std::size_t i = 0; i < 4; ++i) CHECK(nonces[first + i] == reader.u32("nonce"));
  };
  check_block(0);
  check_block(4);
  // Two Generates since the Instantiate: the handshake of the eighth nonce is followed by Collect.
  CHECK(taken[8] == taken[7] + 20 + instantiate + 1140 + 4 + 1);
  drbg.reseed(ByteView(arrived).subspan(taken[7] + 1, 20));
  check_block(8);
}

TEST_CASE("Health tests fail at their cutoff, and only restart heals") {  // G3, G4
  SECTION("repetition count: the eleventh equal sample") {
    NonceGenerator generator;
    for (unsigned i = 0; i < 11; ++i) generator.clock({true, 0x55, false, false, 0, 0});
    CHECK(!generator.health().rct_failed());  // the eleventh arrives in cycle 11
    for (unsigned i = 0; i < 3; ++i) {
      CHECK(!generator.health().rct_failed());
      generator.clock({});
    }
    CHECK(generator.health().rct_failed());  // from 14 on
    generator.clock({});
    for (unsigned i = 0; i < 20000; ++i) {
      generator.clock({true, static_cast<std::uint8_t>(i), false, false, 0, 3});  // a limit that comes too late
    }
    CHECK(!generator.seeded());
    CHECK(generator.restarts() == 0);
    generator.clock({false, 0, false, true, 0, 0});
    CHECK(generator.health().rct_failed());
    generator.clock({true, 0x55, false, false, 0, 0});  // the restart cycle
    CHECK(!generator.health().rct_failed());
    unsigned cycles = 0;
    std::mt19937_64 random(4);
    for (; !generator.nonce_valid(); ++cycles)
      generator.clock({true, static_cast<std::uint8_t>(random()), false, false, 0, 0});
    CHECK(cycles == 7772);
  }
  SECTION("repetition count: ten are not enough") {
    NonceGenerator generator;
    for (unsigned i = 0; i < 5000; ++i) generator.clock({true, static_cast<std::uint8_t>(i / 10), false, false, 0, 0});
    CHECK(!generator.health().rct_failed());
    CHECK(!generator.health().apt_failed());
  }
  SECTION("adaptive proportion: the 78th sample like the first of the window") {
    const unsigned equal = GENERATE(77U, 78U);
    NonceGenerator generator;
    unsigned sent = 0;
    for (unsigned i = 0; i < 512; ++i) {
      const bool same = i % 2 == 0 && sent < equal;
      sent += same ? 1 : 0;
      generator.clock({true, static_cast<std::uint8_t>(same ? 7 : 8 + i % 200), false, false, 0, 0});
    }
    for (unsigned i = 0; i < 3; ++i) generator.clock({});
    CHECK(generator.health().apt_failed() == (equal == 78));
    CHECK(!generator.health().rct_failed());
  }
  SECTION("a failure takes the nonce back") {
    Running run;
    while (!run.generator.nonce_valid()) run.step();
    for (unsigned i = 0; i < 14; ++i) run.generator.clock({true, 9, false, false, 0, 0});
    CHECK(!run.generator.nonce_valid());
    CHECK(!run.generator.seeded());
    CHECK(run.generator.nonce() == 0);
  }
}

TEST_CASE("Cutoffs follow from what is claimed of the noise") {  // SP 800-90B, 4.4.1, 4.4.2
  CHECK(health_cutoffs(32, 40).repetition == 11);
  CHECK(health_cutoffs(32, 40).proportion == 78);
  CHECK(health_cutoffs(8, 20).repetition == 21);
  CHECK(health_cutoffs(64, 40).repetition == 6);
  CHECK(health_cutoffs(8, 20).proportion == 311);
  CHECK(health_cutoffs(64, 40).proportion == 19);
}

TEST_CASE("Silence fails in the first cycle that makes it long enough") {  // G3
  const std::uint64_t limit = GENERATE(1U, 2U, 50U);
  const std::uint64_t last_sample = GENERATE(0U, 7U);  // 0: none at all
  NonceGenerator generator;
  std::uint64_t failed_at = 0;
  for (std::uint64_t cycle = 0; failed_at == 0; ++cycle) {
    if (generator.health().silent()) failed_at = cycle;
    generator.clock({cycle < last_sample, static_cast<std::uint8_t>(cycle), false, false, limit, 0});
  }
  // Nothing arrives in cycle 0; with a limit of 1 that is enough, but for the limit of the cycle before, in which there
  // was none. The last sample arrives in `last_sample`.
  const std::uint64_t a = last_sample == 0 ? std::max<std::uint64_t>(limit - 1, 1) : last_sample + limit;
  CHECK(failed_at == a + 2);
  CHECK(!generator.seeded());
}

TEST_CASE("A limit that is lowered fails at once, and 0 is none") {
  NonceGenerator generator;
  for (unsigned i = 0; i < 1000; ++i) generator.clock({});
  CHECK(!generator.health().silent());
  generator.clock({false, 0, false, false, 10, 0});  // a-1
  for (unsigned i = 0; i < 2; ++i) {
    CHECK(!generator.health().silent());
    generator.clock({});
  }
  CHECK(generator.health().silent());  // a+2
}

TEST_CASE(
    "Behind a restart nothing is left of the keys before: the same noise gives what it gives the first time") {  // G1
  std::mt19937_64 noise(5);
  NonceGenerator used;
  const auto sample = [&](bool restart = false) {
    return NonceGeneratorInputs{true, static_cast<std::uint8_t>(noise()), true, restart, 0, 0};
  };
  for (unsigned nonces = 0; nonces < 6; used.clock(sample())) nonces += used.nonce_valid() ? 1 : 0;
  used.clock(sample(true));
  used.clock(sample());
  NonceGenerator fresh;
  for (unsigned nonces = 0; nonces < 6;) {
    REQUIRE(used.seeded() == fresh.seeded());
    REQUIRE(used.nonce() == fresh.nonce());
    nonces += fresh.nonce_valid() ? 1 : 0;
    const NonceGeneratorInputs in = sample();
    used.clock(in);
    fresh.clock(in);
  }
}

TEST_CASE("The generator restarts by itself as often as it may") {  // G9
  NonceGenerator generator;
  std::vector<std::uint64_t> failed;
  for (std::uint64_t cycle = 0; cycle < 3000; ++cycle) {
    if (generator.health().failed() && (failed.empty() || cycle > failed.back() + 2)) failed.push_back(cycle);
    generator.clock({true, 0x42, false, false, 0, 3});
    if (failed.size() == 4) break;
  }
  // Eleven samples arrive in cycles 1 to 11 after the first; the failure shows in 14, 15 and 16, the restart cycle.
  CHECK(failed == std::vector<std::uint64_t>{14, 31, 48, 65});
  CHECK(generator.restarts() == 3);
  generator.clock({true, 0x42, false, false, 0, 15});
  CHECK(generator.restarts() == 3);
  for (unsigned i = 0; i < 4; ++i) generator.clock({true, 0x42, false, false, 0, 15});
  CHECK(generator.restarts() == 3);
  generator.clock({true, 0x42, false, true, 0, 3});
  CHECK(generator.restarts() == 3);
  generator.clock({true, 0x42, false, false, 0, 3});
  CHECK(generator.restarts() == 0);
  CHECK(!generator.health().failed());
}

TEST_CASE("A restart given while the generator is about to restart by itself is the one that counts") {  // G9
  const int given = GENERATE(-1, 0, 1, 2, 3);  // cycles after the failure shows, in 14
  NonceGenerator generator;
  for (int cycle = 0; cycle < 14 + 6; ++cycle) {
    const int after = cycle - 14;
    INFO(given << ", " << after);
    const bool by_host = after > given + 1;
    const bool by_itself = after > 2 && given > 0;
    if (after == 0) CHECK(generator.health().failed());
    if (after > 0) CHECK(generator.health().failed() == !(by_host || by_itself));
    const bool counts = after > 2 && given > 1 && !by_host;
    CHECK(generator.restarts() == (counts ? 1 : 0));
    generator.clock({true, 0x42, false, after == given, 0, 3});
  }
}

}  // namespace
}  // namespace reveille::core::test
