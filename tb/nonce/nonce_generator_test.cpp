// SPDX-License-Identifier: Apache-2.0
// Rules G1 to G8 of docs/timing/nonce_generator.md: to the cycle by hand, then against the model in every cycle.
#include "core/nonce_generator.hpp"

#include <deque>

#include "Vnonce_generator_short.h"
#include "Vreveille_nonce_generator.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using namespace reveille;
using test::Bench;
using test::OpensslDrbg;

constexpr unsigned encryption = 320;
constexpr unsigned generate = 3 * encryption;

template <typename Module>
class Generator : public Bench<Module> {
 public:
  explicit Generator(int random_seed = 1) : Bench<Module>(random_seed) {
    Generator& rtl = *this;
    rtl->restart_i = rtl->entropy_valid_i = rtl->nonce_ready_i = 0;
    this->reset();
  }

  /// A cycle with or without a sample.
  void step(bool valid = false, unsigned sample = 0) {
    Generator& rtl = *this;
    rtl->entropy_valid_i = valid;
    rtl->entropy_data_i = sample & 0xff;
    REQUIRE(rtl->entropy_ready_o == 1);
    REQUIRE((rtl->nonce_valid_o ? rtl->nonce_o != 0 : rtl->nonce_o == 0));
    Bench<Module>::step();
  }
  /// Cycles without nonce until `seen`; their number.
  unsigned wait(CData& seen, unsigned limit = 20'000) {
    unsigned cycles = 0;
    for (; !seen && cycles < limit; ++cycles) step();
    return cycles;
  }
  unsigned wait_for_nonce(unsigned limit = 20'000) { return wait((*this)->nonce_valid_o, limit); }
  std::uint32_t take() {
    Generator& rtl = *this;
    REQUIRE(rtl->nonce_valid_o == 1);
    const std::uint32_t nonce = rtl->nonce_o;
    rtl->nonce_ready_i = 1;
    step();
    rtl->nonce_ready_i = 0;
    return nonce;
  }
  void start_up(unsigned samples) {
    for (unsigned i = 0; i < encryption; ++i) step();
    for (unsigned i = 0; i < samples; ++i) step(true, good_sample());
    step();  // in which the last one arrives
  }
  void seed(ByteView octets) {
    for (const std::uint8_t octet : octets) step(true, octet);
    step();
  }
  /// To the first nonce.
  void instantiate(unsigned startup_samples, ByteView octets) {
    start_up(startup_samples);
    seed(octets);
    wait_for_nonce();
  }
  unsigned good_sample() { return counter_ += 37; }

 private:
  unsigned counter_ = 0;
};

using Default = Generator<Vreveille_nonce_generator>;
using Short = Generator<Vnonce_generator_short>;

Bytes big_endian(std::uint32_t value) {
  Bytes octets;
  append_big_endian(octets, value, 4);
  return octets;
}

/// No two equal neighbours, so that it passes the health tests.
Bytes random_seed(std::size_t count, unsigned number) {
  std::mt19937 random(number);
  Bytes octets = test::random_octets(count, random);
  for (std::size_t i = 1; i < count; ++i) {
    if (octets[i] == octets[i - 1]) ++octets[i];
  }
  return octets;
}

}  // namespace

TEST_CASE("G1, G2, G5, G6: from reset to the first nonce, with a sample in every cycle") {
  Default rtl;
  const unsigned seeded = 320 + 1024 + 48 + 4480;
  for (unsigned cycle = 0; cycle < seeded; ++cycle) {
    REQUIRE(rtl->seeded_o == 0);
    REQUIRE(rtl->nonce_valid_o == 0);
    rtl.step(true, rtl.good_sample());
  }
  CHECK(rtl->seeded_o == 1);
  for (unsigned cycle = seeded; cycle < 6836; ++cycle) {
    REQUIRE(rtl->nonce_valid_o == 0);
    rtl.step(true, rtl.good_sample());
  }
  CHECK(rtl->nonce_valid_o == 1);
  CHECK(rtl->seeded_o == 1);
}

TEST_CASE("G5: which samples count") {
  // One short of what Start-up and Collect need, for ever: no seed.
  Default rtl;
  for (unsigned i = 0; i < 319; ++i) rtl.step(true, rtl.good_sample());  // arrive in Zeroise: discarded
  rtl.step();
  for (unsigned i = 0; i < 1024 + 47; ++i) {
    rtl.step(true, rtl.good_sample());
    rtl.step();
  }
  CHECK(rtl.wait(rtl->seeded_o) == 20'000);
  rtl.step(true, rtl.good_sample());
  CHECK(rtl.wait(rtl->seeded_o) == 4480 + 1);
  CHECK(rtl.wait_for_nonce() == generate + 4);
}

TEST_CASE("G5: from handshake to handshake") {
  Default rtl;
  rtl.instantiate(1024, random_seed(48, 1));
  for (unsigned block = 0; block < 50; ++block) {
    for (unsigned index = 0; index < 3; ++index) {
      for (unsigned wait = 0; wait < block % 3; ++wait) rtl.step(true, rtl.good_sample());
      rtl.take();
      REQUIRE(rtl.wait_for_nonce() == 4);
    }
    rtl.take();
    REQUIRE(rtl.wait_for_nonce() == generate + 4);
  }
  const std::uint32_t offered = rtl->nonce_o;
  for (unsigned cycle = 0; cycle < 3000; ++cycle) {
    rtl.step(true, rtl.good_sample());
    REQUIRE(rtl->nonce_valid_o == 1);
    REQUIRE(rtl->nonce_o == offered);
  }
}

TEST_CASE("G8: nonces are OpenSSL's random bits") {
  for (unsigned number = 1; number <= 10; ++number) {
    const Bytes seed = random_seed(48, number);
    Default rtl(static_cast<int>(number));
    OpensslDrbg openssl(seed);
    rtl.instantiate(1024, seed);
    for (unsigned block = 0; block < 20; ++block) {
      Bytes nonces;
      for (unsigned index = 0; index < 4; ++index) {
        rtl.wait_for_nonce();
        append(nonces, big_endian(rtl.take()));
      }
      REQUIRE(nonces == openssl.generate(16));
    }
  }
}

TEST_CASE("G5, G8: reseeding when the interval is over") {
  const Bytes first = random_seed(24, 1);
  Short rtl;
  OpensslDrbg openssl(first);
  rtl.instantiate(40, first);
  const unsigned seed_cycles = 320 * (2 * 3 + 6);
  for (unsigned reseed = 2; reseed < 12; ++reseed) {
    for (unsigned block = 0; block < 3; ++block) {
      Bytes nonces;
      for (unsigned index = 0; index < 4; ++index) {
        if (index > 0) REQUIRE(rtl.wait_for_nonce() == 4);
        append(nonces, big_endian(rtl.take()));
      }
      REQUIRE(nonces == openssl.generate(16));
      if (block < 2) REQUIRE(rtl.wait_for_nonce() == generate + 4);
    }
    CHECK(rtl.wait_for_nonce() == 20'000);  // waits for entropy, seeded
    CHECK(rtl->seeded_o == 1);
    const Bytes entropy = random_seed(24, reseed);
    rtl.seed(entropy);
    openssl.reseed(entropy);
    REQUIRE(rtl.wait_for_nonce() == seed_cycles + generate + 4);
  }
}

TEST_CASE("G5: a zero is skipped, wherever in the block, and costs four cycles") {
  for (const auto& row : test::vectors("search.vec", "zero")) {
    const Bytes& seed = row[0];
    OpensslDrbg openssl(seed);
    const Bytes block = openssl.generate(16);
    const Bytes next = openssl.generate(16);
    Default rtl;
    rtl.start_up(1024);
    rtl.seed(seed);
    unsigned before = 4480 + generate;
    unsigned zeros = 0;
    for (std::size_t at = 0; at < 16; at += 4) {
      before += 4;
      const Bytes expected(block.begin() + static_cast<long>(at), block.begin() + static_cast<long>(at) + 4);
      if (expected == Bytes(4)) {
        ++zeros;
        continue;
      }
      REQUIRE(rtl.wait_for_nonce() == before);
      REQUIRE(big_endian(rtl.take()) == expected);
      before = 0;
    }
    CHECK(zeros == 1);
    REQUIRE(rtl.wait_for_nonce() == before + generate + 4);
    REQUIRE(big_endian(rtl.take()) == Bytes(next.begin(), next.begin() + 4));
  }
}

TEST_CASE("G3, G4: a failure withdraws the nonce at once, until restart") {
  for (const bool adaptive : {false, true}) {
    Default rtl;
    rtl.instantiate(1024, random_seed(48, 1));
    const std::uint32_t withheld = rtl->nonce_o;
    // Up to the cutoff nothing happens; the sample at the cutoff arrives a cycle after its handshake.
    const auto fail = [&] {
      if (adaptive) {
        // A whole window, wherever it begins, is more than half 0x55.
        for (unsigned i = 0; i < 2048 && !rtl->apt_failed_o; ++i) rtl.step(true, i % 3 != 0 ? 0x55 : i);
      } else {
        rtl.step(true, 0x54);
        for (unsigned i = 0; i < 6; ++i) {
          REQUIRE(rtl->nonce_valid_o == 1);
          rtl.step(true, 0x55);
        }
        REQUIRE(rtl->nonce_valid_o == 1);  // arrives
        rtl.step();
      }
    };
    fail();
    CHECK(rtl->rct_failed_o == !adaptive);
    CHECK(rtl->apt_failed_o == adaptive);
    for (unsigned cycle = 0; cycle < 10'000; ++cycle) {
      REQUIRE(rtl->nonce_valid_o == 0);
      REQUIRE(rtl->seeded_o == 0);
      REQUIRE((rtl->rct_failed_o || rtl->apt_failed_o));
      rtl->nonce_ready_i = cycle & 1;
      rtl.step(true, rtl.good_sample());
    }
    rtl->nonce_ready_i = 0;
    rtl->restart_i = 1;
    rtl.step(true, 0x55);
    rtl->restart_i = 0;
    CHECK(rtl->rct_failed_o == 0);
    CHECK(rtl->apt_failed_o == 0);
    const Bytes seed = random_seed(48, 2);
    rtl.instantiate(1024, seed);
    REQUIRE(rtl->nonce_o != withheld);
    REQUIRE(big_endian(rtl.take()) == OpensslDrbg(seed).generate(4));
  }
}

TEST_CASE("G3, G4: a failure in any operation stops it") {
  for (unsigned at = 0; at < 7000; at += at < 330 || at > 6830 ? 1 : 211) {
    Default rtl;
    for (unsigned cycle = 0; cycle < at; ++cycle) rtl.step(true, rtl.good_sample());
    for (unsigned i = 0; i < 6; ++i) rtl.step(true, 0);
    rtl.step(true, rtl.good_sample());
    REQUIRE(rtl->rct_failed_o == 1);
    REQUIRE(rtl->seeded_o == 0);
    REQUIRE(rtl->nonce_valid_o == 0);
    if (at % 211 == 0) {
      for (unsigned cycle = 0; cycle < 7000; ++cycle) {
        rtl.step(true, rtl.good_sample());
        REQUIRE(rtl->seeded_o == 0);
        REQUIRE(rtl->nonce_valid_o == 0);
      }
    }
  }
}

namespace {

/// RTL and model under the same random inputs; every output of every cycle. Returns how many nonces were handed over.
template <typename Module>
unsigned lockstep(const core::NonceGeneratorParameters& parameters, unsigned seed, unsigned cycles) {
  std::mt19937 random(seed);
  Bench<Module> rtl(static_cast<int>(seed));
  core::NonceGenerator model(parameters);
  core::NonceGeneratorInputs in;
  const auto drive = [&] {
    rtl->restart_i = in.restart;
    rtl->entropy_valid_i = in.entropy_valid;
    rtl->entropy_data_i = in.entropy_data;
    rtl->nonce_ready_i = in.nonce_ready;
  };
  drive();
  rtl.reset();
  model.reset();
  unsigned nonces = 0;
  unsigned sample_rate = 100;  // of 100 cycles
  unsigned ready_rate = 50;
  unsigned bad_rate = 0;  // of 10,000 samples
  for (unsigned cycle = 0; cycle < cycles; ++cycle) {
    if (random() % 5000 == 0) {
      sample_rate = std::array{100U, 100U, 60U, 5U, 0U}[random() % 5];
      ready_rate = std::array{100U, 50U, 2U}[random() % 3];
      bad_rate = std::array{0U, 0U, 0U, 10U, 3000U}[random() % 5];
    }
    const bool failed = model.rct_failed() || model.apt_failed();
    in.restart = random() % (failed ? 300 : 60'000) == 0;
    in.entropy_valid = random() % 100 < sample_rate;
    if (random() % 10'000 >= bad_rate) in.entropy_data = static_cast<std::uint8_t>(random());
    in.nonce_ready = random() % 100 < ready_rate;
    drive();
    nonces += model.nonce_valid() && in.nonce_ready;
    rtl.step();
    model.clock(in);
    INFO("seed " << seed << " cycle " << cycle);
    REQUIRE(rtl->entropy_ready_o == model.entropy_ready());
    REQUIRE(rtl->seeded_o == model.seeded());
    REQUIRE(rtl->rct_failed_o == model.rct_failed());
    REQUIRE(rtl->apt_failed_o == model.apt_failed());
    REQUIRE(rtl->nonce_valid_o == model.nonce_valid());
    REQUIRE(rtl->nonce_o == model.nonce());
  }
  return nonces;
}

}  // namespace

TEST_CASE("in lockstep with the model") {
  unsigned nonces = 0;
  for (unsigned seed = 1; seed <= 5; ++seed) nonces += lockstep<Vreveille_nonce_generator>({}, seed, 200'000);
  CHECK(nonces > 200);
}

TEST_CASE("in lockstep with the model, everything short") {
  const core::NonceGeneratorParameters parameters{
      .seed_samples = 24, .startup_samples = 40, .reseed_interval = 3, .rct_cutoff = 4, .apt_cutoff = 30};
  unsigned nonces = 0;
  for (unsigned seed = 1; seed <= 10; ++seed) nonces += lockstep<Vnonce_generator_short>(parameters, seed, 200'000);
  CHECK(nonces > 400);
}
