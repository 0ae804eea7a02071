// SPDX-License-Identifier: Apache-2.0
// usage: nonces rtl|model SEED COUNT|endless
//        nonces collisions SEED COUNT
// The nonces of a generator with its defaults, whose noise is pseudo-random octets of the seed, as words of 32 bits to
// the standard output: of the core's model; or of the RTL, which the model accompanies: status 1 where a nonce or its
// cycle differs. collisions: draws them from the model, and prints how many nonces came again, were 0, and had each
// bit.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <limits>
#include <random>
#include <vector>

#include "Vreveille_nonce_generator.h"
#include "nonce/support.hpp"
#include "reveille/core/nonce_generator.hpp"

namespace {

using namespace reveille;

/// A model that is drawn from as soon as it offers, with a sample in every cycle in which one counts.
class Model {
 public:
  explicit Model(std::uint64_t seed) : noise_(seed) {}

  std::uint32_t draw() {
    while (!generator_.nonce_valid()) {
      // Samples that are tested and discarded cost time and change nothing.
      const bool waits = generator_.cycles_to_wait() > 1 && generator_.seeded();
      if (waits && generator_.cycles_to_wait() != ~std::uint64_t{0}) {
        generator_.pass(generator_.cycles_to_wait());
        generator_.clock({});
      } else {
        generator_.clock({.entropy_valid = true, .entropy_data = static_cast<std::uint8_t>(noise_())});
      }
    }
    const std::uint32_t nonce = generator_.nonce();
    generator_.clock({.nonce_ready = true});
    return nonce;
  }

 private:
  core::NonceGenerator generator_;
  std::mt19937_64 noise_;
};

/// The RTL beside the model, in every cycle.
class Rtl {
 public:
  explicit Rtl(std::uint64_t seed) : noise_(seed) {
    rtl_->restart_i = rtl_->nonce_ready_i = rtl_->entropy_valid_i = 0;
    rtl_->silence_limit_i = rtl_->restart_limit_i = 0;
    rtl_.reset();
  }

  std::uint32_t draw() {
    while (rtl_->nonce_valid_o == 0) step(false);
    const std::uint32_t nonce = rtl_->nonce_o;
    step(true);
    return nonce;
  }

 private:
  void step(bool ready) {
    const auto sample = static_cast<std::uint8_t>(noise_());
    if ((rtl_->nonce_valid_o != 0) != model_.nonce_valid() || (model_.nonce_valid() && rtl_->nonce_o != model_.nonce()))
      throw std::runtime_error("cycle " + std::to_string(rtl_.cycle) + ": RTL and model differ");
    rtl_->entropy_valid_i = 1;
    rtl_->entropy_data_i = sample;
    rtl_->nonce_ready_i = ready ? 1 : 0;
    model_.clock({.entropy_valid = true, .entropy_data = sample, .nonce_ready = ready});
    rtl_.step();
  }

  test::Bench<Vreveille_nonce_generator> rtl_;
  core::NonceGenerator model_;
  std::mt19937_64 noise_;
};

/// As many, or until whoever reads has enough; how many they were, to the standard error.
template <typename Source>
void write(Source source, std::uint64_t count) {
  std::array<std::uint32_t, 4096> words{};
  std::uint64_t written = 0;
  while (written != count) {
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(count - written, words.size()));
    for (std::size_t i = 0; i != some; ++i) words[i] = source.draw();
    if (std::fwrite(words.data(), 4, some, stdout) != some) break;
    written += some;
  }
  std::cerr << written << " nonces" << std::endl;
}

void count_collisions(Model source, std::uint64_t count) {
  std::vector<bool> seen(std::size_t{1} << 32);
  std::array<std::uint64_t, 32> ones{};
  std::uint64_t again = 0;
  for (std::uint64_t i = 0; i != count; ++i) {
    const std::uint32_t nonce = source.draw();
    again += seen[nonce] ? 1 : 0;
    seen[nonce] = true;
    for (unsigned bit = 0; bit != 32; ++bit) ones[bit] += nonce >> bit & 1;
  }
  std::cout << "again " << again << "\nzero " << seen[0] << "\nones";
  for (const std::uint64_t each : ones) std::cout << " " << each;
  std::cout << std::endl;
}

std::uint64_t number(const char* text) {
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  if (text == end || std::from_chars(text, end, value).ptr != end) {
    std::cerr << "nonces: '" << text << "': expected a number\n";
    std::exit(2);
  }
  return value;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count == 4 ? arguments[1] : "";
  if (what != "rtl" && what != "model" && what != "collisions") {
    std::cerr << "usage: nonces rtl|model|collisions SEED COUNT|endless\n";
    return 2;
  }
  const std::uint64_t seed = number(arguments[2]);
  const std::uint64_t draws =
      std::string(arguments[3]) == "endless" ? std::numeric_limits<std::uint64_t>::max() : number(arguments[3]);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    if (what == "rtl") write<Rtl&>(*std::make_unique<Rtl>(seed), draws);
    if (what == "model") write(Model(seed), draws);
    if (what == "collisions") count_collisions(Model(seed), draws);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
