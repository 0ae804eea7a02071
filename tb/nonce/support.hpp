// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <verilated.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/hex.hpp"
#include "reveille/common/bytes.hpp"
#include "waveform.hpp"

namespace reveille::test {

/// A Verilated module under one clock. Inputs that are set before step() count in the cycle that step() ends.
template <typename Module>
class Bench {
 public:
  explicit Bench(int seed = 1) {
    context_.randSeed(seed);
    context_.randReset(2);
    rtl_ = std::make_unique<Module>(&context_);
    waveform_.emplace(context_, *rtl_);
    rtl_->clk_i = 0;
    if constexpr (requires { rtl_->rst_ni; }) rtl_->rst_ni = 1;
    rtl_->eval();
  }
  ~Bench() { rtl_->final(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Module* operator->() { return rtl_.get(); }
  /// To the first cycle after reset.
  void reset() {
    rtl_->rst_ni = 0;
    rtl_->eval();
    step();
    rtl_->rst_ni = 1;
    rtl_->eval();
  }
  /// Ends the cycle, begins the next.
  void step() {
    rtl_->eval();
    waveform_->sample();
    rtl_->clk_i = 1;
    rtl_->eval();
    waveform_->sample();
    rtl_->clk_i = 0;
    rtl_->eval();
    ++cycle;
  }

  std::uint64_t cycle = 0;

 private:
  VerilatedContext context_;
  std::unique_ptr<Module> rtl_;
  std::optional<tb::Waveform<Module>> waveform_;  // closed before the block goes
};

/// The rows of tb/vectors/nonce/<file> whose first word is `kind`, without it, "-" for no octets. No row is an error: a
/// test over no vectors passes everything.
inline std::vector<std::vector<Bytes>> vectors(const std::string& file, const std::string& kind) {
  std::ifstream in("tb/vectors/nonce/" + file);
  std::vector<std::vector<Bytes>> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != kind) continue;
    std::vector<Bytes> row;
    while (words >> word) row.push_back(word == "-" ? Bytes{} : from_hex(word));
    rows.push_back(row);
  }
  if (rows.empty()) throw std::runtime_error(file + ": no vectors of kind " + kind);
  return rows;
}

template <typename Random>
Bytes random_octets(std::size_t count, Random& random) {
  Bytes octets(count);
  for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
  return octets;
}

/// OpenSSL's CTR-DRBG with AES-128 and derivation function; its entropy comes from OpenSSL's TEST-RAND, hence from us.
class OpensslDrbg {
 public:
  /// 24 octets at least. Where they part into entropy_input and nonce makes no difference.
  explicit OpensslDrbg(ByteView seed) : parent_(context("TEST-RAND", nullptr)) {
    unsigned strength = 256;
    const OSSL_PARAM strength_parameter[] = {OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
                                             OSSL_PARAM_construct_end()};
    check(EVP_RAND_CTX_set_params(parent_.get(), strength_parameter));
    give(seed.first(seed.size() - 8), seed.last(8));
    check(EVP_RAND_instantiate(parent_.get(), strength, 0, nullptr, 0, nullptr));
    drbg_ = context("CTR-DRBG", parent_.get());
    std::string cipher = "AES-128-CTR";
    int derivation_function = 1;
    unsigned never = 0;
    std::uint64_t never_time = 0;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher.data(), 0),
                                     OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &derivation_function),
                                     OSSL_PARAM_construct_uint(OSSL_DRBG_PARAM_RESEED_REQUESTS, &never),
                                     OSSL_PARAM_construct_uint64(OSSL_DRBG_PARAM_RESEED_TIME_INTERVAL, &never_time),
                                     OSSL_PARAM_construct_end()};
    // A null pointer would stand for OpenSSL's own personalization string.
    const std::uint8_t no_personalization_string = 0;
    check(EVP_RAND_instantiate(drbg_.get(), 128, 0, &no_personalization_string, 0, parameters));
  }

  void reseed(ByteView entropy) {
    give(entropy, {});
    check(EVP_RAND_reseed(drbg_.get(), 0, nullptr, 0, nullptr, 0));
  }

  Bytes generate(std::size_t octets) {
    Bytes out(octets);
    check(EVP_RAND_generate(drbg_.get(), out.data(), out.size(), 128, 0, nullptr, 0));
    return out;
  }

 private:
  using Context = std::unique_ptr<EVP_RAND_CTX, decltype(&EVP_RAND_CTX_free)>;

  static void check(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL's EVP_RAND refused a call");
  }
  static Context context(const char* name, EVP_RAND_CTX* parent) {
    EVP_RAND* algorithm = EVP_RAND_fetch(nullptr, name, nullptr);
    Context made(EVP_RAND_CTX_new(algorithm, parent), EVP_RAND_CTX_free);
    EVP_RAND_free(algorithm);
    if (!made) throw std::runtime_error(std::string("OpenSSL has no ") + name);
    return made;
  }
  void give(ByteView entropy, ByteView nonce) {
    Bytes entropy_copy(entropy.begin(), entropy.end());
    Bytes nonce_copy(nonce.begin(), nonce.end());
    std::vector<OSSL_PARAM> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy_copy.data(), entropy_copy.size())};
    if (!nonce.empty()) {
      parameters.push_back(
          OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce_copy.data(), nonce_copy.size()));
    }
    parameters.push_back(OSSL_PARAM_construct_end());
    check(EVP_RAND_CTX_set_params(parent_.get(), parameters.data()));
  }

  Context parent_;
  Context drbg_{nullptr, EVP_RAND_CTX_free};
};

}  // namespace reveille::test
