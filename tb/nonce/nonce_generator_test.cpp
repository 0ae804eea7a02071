// SPDX-License-Identifier: Apache-2.0
// Rules G1 to G10 of docs/timing/nonce_generator.md, to the cycle; in each cycle of every test the core's model beside
// the RTL.

#include "reveille/core/nonce_generator.hpp"

#include <algorithm>
#include <deque>

#include "Vnonce_generator_short.h"
#include "Vreveille_nonce_generator.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using namespace reveille;
using test::Bench;
using test::OpensslDrbg;

constexpr unsigned encryption = 368;
constexpr unsigned generate = 3 * encryption + 36;
constexpr unsigned instantiate_cycles = 5188;

/// Of the module as Verilated: nonce_generator_test.cmake.
template <typename Module>
const core::NonceGeneratorParameters parameters{};
template <>
const core::NonceGeneratorParameters parameters<Vnonce_generator_short>{
    .seed_samples = 24, .startup_samples = 40, .reseed_interval = 3, .cutoffs = {4, 30}};

template <typename Module>
class Generator : public Bench<Module> {
 public:
  explicit Generator(int random_seed = 1) : Bench<Module>(random_seed) {
    Generator& rtl = *this;
    rtl->restart_i = rtl->entropy_valid_i = rtl->nonce_ready_i = 0;
    rtl->silence_limit_i = rtl->restart_limit_i = 0;
    this->reset();
  }

  /// A cycle with or without a sample.
  void step(bool valid = false, unsigned sample = 0) {
    Generator& rtl = *this;
    rtl->entropy_valid_i = valid;
    rtl->entropy_data_i = sample & 0xff;
    REQUIRE(rtl->entropy_ready_o == 1);
    if (rtl->nonce_valid_o) REQUIRE(rtl->nonce_o != 0);
    compare();
    model_.clock({valid, static_cast<std::uint8_t>(sample), rtl->nonce_ready_i != 0, rtl->restart_i != 0,
                  rtl->silence_limit_i, rtl->restart_limit_i});
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
  void compare() {
    Generator& rtl = *this;
    const core::HealthTests& health = model_.health();
    REQUIRE(rtl->nonce_valid_o == model_.nonce_valid());
    if (model_.nonce_valid()) REQUIRE(rtl->nonce_o == model_.nonce());
    REQUIRE(rtl->seeded_o == model_.seeded());
    REQUIRE(rtl->rct_failed_o == health.rct_failed());
    REQUIRE(rtl->apt_failed_o == health.apt_failed());
    REQUIRE(rtl->silent_o == health.silent());
    REQUIRE(rtl->restarts_o == model_.restarts());
  }

  core::NonceGenerator model_{parameters<Module>};
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
  const unsigned seeded = encryption + 1024 + 48 + instantiate_cycles;
  for (unsigned cycle = 0; cycle < seeded; ++cycle) {
    REQUIRE(rtl->seeded_o == 0);
    REQUIRE(rtl->nonce_valid_o == 0);
    rtl.step(true, rtl.good_sample());
  }
  CHECK(rtl->seeded_o == 1);
  for (unsigned cycle = seeded; cycle < 7772; ++cycle) {
    REQUIRE(rtl->nonce_valid_o == 0);
    rtl.step(true, rtl.good_sample());
  }
  CHECK(rtl->nonce_valid_o == 1);
  CHECK(rtl->seeded_o == 1);
}

TEST_CASE("G1: a restart in each cycle of Fetch forgets the nonce that was being fetched") {
  for (unsigned cycles = 0; cycles < 8; ++cycles) {
    CAPTURE(cycles);
    Short rtl(static_cast<int>(cycles) + 1);
    rtl.instantiate(40, random_seed(24, 1));
    rtl.take();
    for (unsigned i = 0; i < cycles; ++i) rtl.step();
    rtl->restart_i = 1;
    rtl.step();
    rtl->restart_i = 0;
    for (unsigned i = 0; i < 2 * encryption; ++i) rtl.step();  // Start-up waits for samples
    REQUIRE(rtl->nonce_valid_o == 0);
  }
}

TEST_CASE("G5: which samples count") {
  // One short of what Start-up and Collect need, for ever: no seed.
  Default rtl;
  for (unsigned i = 0; i < encryption - 1; ++i) rtl.step(true, rtl.good_sample());  // arrive in Zeroise: discarded
  rtl.step();
  for (unsigned i = 0; i < 1024 + 47; ++i) {
    rtl.step(true, rtl.good_sample());
    rtl.step();
  }
  CHECK(rtl.wait(rtl->seeded_o) == 20'000);
  rtl.step(true, rtl.good_sample());
  CHECK(rtl.wait(rtl->seeded_o) == instantiate_cycles + 1);
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
  const unsigned seed_cycles = encryption * (2 * 3 + 6) + 36;
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
    unsigned before = instantiate_cycles + generate;
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
    // Up to the cutoff nothing happens; the sample at the cutoff arrives a cycle after its handshake, and counts three
    // later.
    const auto fail = [&] {
      if (adaptive) {
        // A whole window, wherever it begins, is more than half 0x55.
        for (unsigned i = 0; i < 2048 && !rtl->apt_failed_o; ++i) rtl.step(true, i % 3 != 0 ? 0x55 : i);
      } else {
        rtl.step(true, 0x54);
        for (unsigned i = 0; i < 11; ++i) {
          REQUIRE(rtl->nonce_valid_o == 1);
          rtl.step(true, 0x55);
        }
        for (unsigned i = 0; i < 3; ++i) {  // from the one in which it arrives on
          REQUIRE(rtl->nonce_valid_o == 1);
          rtl.step();
        }
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
    CHECK((rtl->rct_failed_o || rtl->apt_failed_o));  // the restart cycle
    rtl.step(true, 0x55);
    CHECK(rtl->rct_failed_o == 0);
    CHECK(rtl->apt_failed_o == 0);
    const Bytes seed = random_seed(48, 2);
    rtl.instantiate(1024, seed);
    REQUIRE(rtl->nonce_o != withheld);
    REQUIRE(big_endian(rtl.take()) == OpensslDrbg(seed).generate(4));
  }
}

TEST_CASE("G3, G4: a failure in any operation stops it") {
  for (unsigned at = 0; at < 7900; at += at < 380 || at > 7750 ? 1 : 211) {
    Default rtl;
    for (unsigned cycle = 0; cycle < at; ++cycle) rtl.step(true, rtl.good_sample());
    for (unsigned i = 0; i < 11; ++i) rtl.step(true, 0);
    for (unsigned i = 0; i < 3; ++i) rtl.step(true, rtl.good_sample());
    REQUIRE(rtl->rct_failed_o == 1);
    REQUIRE(rtl->seeded_o == 0);
    REQUIRE(rtl->nonce_valid_o == 0);
    if (at % 211 == 0) {
      for (unsigned cycle = 0; cycle < 7900; ++cycle) {
        rtl.step(true, rtl.good_sample());
        REQUIRE(rtl->seeded_o == 0);
        REQUIRE(rtl->nonce_valid_o == 0);
      }
    }
  }
}

TEST_CASE("G3, G4: silence is a failure after so many cycles without a sample, whatever the limit was before") {
  for (const unsigned limit : {1U, 2U, 3U, 50U, 300U}) {
    Default rtl;
    rtl->silence_limit_i = limit;
    // From the first cycle of Zeroise on; the limit counts from the second one on.
    for (unsigned cycle = 0; cycle < std::max(limit, 2U) + 1; ++cycle) {
      REQUIRE(rtl->silent_o == 0);
      rtl.step();
    }
    REQUIRE(rtl->silent_o == 1);
    for (unsigned cycle = 0; cycle < 500; ++cycle) {
      rtl.step(true, rtl.good_sample());
      REQUIRE(rtl->silent_o == 1);
    }
  }
  Default rtl;
  rtl->silence_limit_i = 100;
  rtl.start_up(0);  // 368 cycles: fails
  rtl->restart_i = 1;
  rtl.step();
  rtl->restart_i = 0;
  REQUIRE(rtl->silent_o == 1);
  rtl.step();
  REQUIRE(rtl->silent_o == 0);
  rtl->silence_limit_i = 0;
  rtl.instantiate(1024, random_seed(48, 1));
  rtl.step(true, rtl.good_sample());
  rtl.step();  // in which it arrives
  for (unsigned cycle = 0; cycle < 1000; ++cycle) {
    REQUIRE(rtl->silent_o == 0);
    REQUIRE(rtl->nonce_valid_o == 1);
    rtl.step();
  }
  rtl->silence_limit_i = 1002;  // the run is of 1,000 cycles: two more, and one
  for (unsigned cycle = 0; cycle < 3; ++cycle) {
    REQUIRE(rtl->silent_o == 0);
    REQUIRE(rtl->seeded_o == 1);
    rtl.step();
  }
  REQUIRE(rtl->silent_o == 1);
  REQUIRE(rtl->seeded_o == 0);
  REQUIRE(rtl->nonce_valid_o == 0);
}

TEST_CASE("G3: a sample in time, and a limit lowered below the run") {
  Default rtl;
  rtl->silence_limit_i = 40;
  rtl.step(true, 1);
  for (unsigned round = 0; round < 50; ++round) {
    for (unsigned cycle = 0; cycle < 39; ++cycle) rtl.step();
    rtl.step(true, round);  // the one in which the last one's successor is accepted is the 40th
    REQUIRE(rtl->silent_o == 0);
  }
  rtl->silence_limit_i = 0;
  for (unsigned cycle = 0; cycle < 100; ++cycle) rtl.step();
  rtl->silence_limit_i = 5;
  for (unsigned cycle = 0; cycle < 3; ++cycle) {
    REQUIRE(rtl->silent_o == 0);
    rtl.step();
  }
  REQUIRE(rtl->silent_o == 1);
}

TEST_CASE("G9: restarts by itself, as often as it may, and from the same cycle as a restart of the host's") {
  for (const unsigned limit : {0U, 1U, 3U, 15U}) {
    Default rtl;
    rtl->restart_limit_i = limit;
    for (unsigned failure = 0; failure < limit; ++failure) {
      REQUIRE(rtl->restarts_o == failure);
      rtl.step(true, 0x54);
      for (unsigned i = 0; i < 11; ++i) rtl.step(true, 0x55);
      for (unsigned i = 0; i < 3; ++i) {  // from the one in which the last one arrives on
        REQUIRE(rtl->rct_failed_o == 0);
        rtl.step(true, 0x55);
      }
      for (unsigned i = 0; i < 3; ++i) {  // c to c+2, the restart cycle: the sample accepted in it never arrives
        REQUIRE(rtl->rct_failed_o == 1);
        REQUIRE(rtl->restarts_o == failure);
        rtl.step(true, 0x55);
      }
      REQUIRE(rtl->rct_failed_o == 0);
      REQUIRE(rtl->restarts_o == failure + 1);
      const Bytes seed = random_seed(48, failure);
      rtl.start_up(1024);
      rtl.seed(seed);
      REQUIRE(rtl.wait(rtl->seeded_o) == instantiate_cycles);
      rtl.wait_for_nonce();
      REQUIRE(big_endian(rtl.take()) == OpensslDrbg(seed).generate(4));
    }
    rtl.step(true, 0x54);
    for (unsigned i = 0; i < 14; ++i) rtl.step(true, 0x55);
    REQUIRE(rtl->rct_failed_o == 1);
    rtl.step();
    rtl->restart_limit_i = 15;  // too late
    for (unsigned cycle = 0; cycle < 1000; ++cycle) {
      rtl.step(true, rtl.good_sample());
      REQUIRE(rtl->rct_failed_o == 1);
      REQUIRE(rtl->restarts_o == limit);
    }
    rtl->restart_i = 1;
    rtl.step();
    rtl->restart_i = 0;
    REQUIRE(rtl->restarts_o == limit);
    rtl.step();
    REQUIRE(rtl->restarts_o == 0);
    REQUIRE(rtl->rct_failed_o == 0);
  }
}

TEST_CASE("G9: the host's restart at the beginning of a failure counts as the host's") {
  for (const unsigned at : {0U, 1U, 2U, 3U, 4U, 5U}) {  // c-1 to c+4
    Default rtl;
    rtl->restart_limit_i = 3;
    rtl->silence_limit_i = 10;
    for (unsigned cycle = 0; cycle < 11; ++cycle) rtl.step();
    REQUIRE(rtl->silent_o == 1);
    for (unsigned cycle = 0; cycle < 3; ++cycle) rtl.step();
    REQUIRE(rtl->restarts_o == 1);
    for (unsigned cycle = 0; cycle < 10; ++cycle) {
      REQUIRE(rtl->silent_o == 0);
      rtl.step();
    }
    unsigned first = 20;                             // cycle of a restart
    for (unsigned cycle = 0; cycle < 16; ++cycle) {  // c is 1
      CAPTURE(at, cycle);
      rtl->restart_i = cycle == at;
      if (cycle == at) first = cycle + 1;
      const bool itself = at > 2 && cycle > 3;  // c+2 is a restart cycle
      REQUIRE(rtl->restarts_o == (cycle > first ? 0 : itself ? 2 : 1));
      REQUIRE(rtl->silent_o == (cycle >= 1 && cycle <= (at > 2 ? 3 : first)));
      rtl.step();
      if (cycle > 10) break;
    }
  }
}

TEST_CASE("RTL and model agree on noise, takers and settings of any kind") {
  std::mt19937 random(5);
  const auto one_in = [&random](unsigned count) { return random() % count == 0; };
  Short rtl;
  unsigned starts = 0;
  unsigned failures = 0;
  unsigned taken = 0;
  bool seeded = false;
  unsigned gap = 1;
  unsigned kinds = 256;  // of samples: few make the health tests fail
  for (unsigned cycle = 0; cycle < 600'000; ++cycle) {
    if (one_in(5'000)) gap = 1 + random() % 60;
    if (one_in(5'000)) kinds = one_in(6) ? 2 + random() % 6 : 256;
    if (one_in(9'000)) rtl->silence_limit_i = one_in(2) ? 0 : 20 + random() % 400;
    if (one_in(9'000)) rtl->restart_limit_i = random() % 4;
    const bool failed = rtl->rct_failed_o || rtl->apt_failed_o || rtl->silent_o;
    rtl->restart_i = one_in(failed ? 500 : 40'000);
    rtl->nonce_ready_i = one_in(3);
    const bool now_seeded = rtl->seeded_o != 0;
    if (now_seeded && !seeded) ++starts;
    if (rtl->nonce_valid_o && rtl->nonce_ready_i) ++taken;
    if (!now_seeded && seeded) ++failures;
    seeded = now_seeded;
    rtl.step(one_in(gap), random() % kinds);
  }
  CHECK(starts > 10);
  CHECK(failures > 10);
  CHECK(taken > 20 * 4 * 3);  // so that there were reseeds
}
