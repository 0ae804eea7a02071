// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ctr_drbg.hpp"

namespace reveille::core {

/// docs/timing/nonce_generator.md, "parameter".
struct NonceGeneratorParameters {
  unsigned seed_samples = 48;
  unsigned startup_samples = 1024;
  std::uint32_t reseed_interval = 65536;
  unsigned rct_cutoff = 6;
  unsigned apt_cutoff = 62;
};

struct NonceGeneratorInputs {
  bool entropy_valid = false;
  std::uint8_t entropy_data = 0;
  bool nonce_ready = false;
  bool restart = false;
};

/// Health tests and a DRBG worked off as a list of operations of fixed length (docs/timing/nonce_generator.md, G1 to
/// G8).
class NonceGenerator {
 public:
  explicit NonceGenerator(const NonceGeneratorParameters& parameters = {});

  [[nodiscard]] static constexpr bool entropy_ready() { return true; }
  [[nodiscard]] bool nonce_valid() const { return operation_ == Operation::offer && !failed(); }
  [[nodiscard]] std::uint32_t nonce() const { return nonce_valid() ? fetched_ : 0; }
  [[nodiscard]] bool seeded() const { return instantiated_ && !failed(); }
  [[nodiscard]] bool rct_failed() const { return rct_failed_; }
  [[nodiscard]] bool apt_failed() const { return apt_failed_; }

  void reset();  ///< to the first cycle of operation 1
  void clock(const NonceGeneratorInputs& in);

 private:
  enum class Operation : std::uint8_t { zeroise, startup, collect, seed, generate, fetch, offer };
  [[nodiscard]] bool failed() const { return rct_failed_ || apt_failed_; }
  void test(std::uint8_t sample);
  void begin(Operation operation);
  void step(const NonceGeneratorInputs& in);
  void after_fetched();

  NonceGeneratorParameters parameters_;
  CtrDrbg drbg_;

  Operation operation_ = Operation::zeroise;
  unsigned cycles_left_ = 0;   // of an operation of fixed length
  unsigned samples_left_ = 0;  // of Start-up and Collect
  bool instantiated_ = false;
  std::uint32_t generates_ = 0;  // since the last seed
  Bytes seed_;
  CtrDrbg::Block block_{};
  unsigned fetches_ = 0;  // of the block
  std::uint32_t fetched_ = 0;

  bool arrives_ = false;  // in this cycle
  std::uint8_t sample_ = 0;
  bool rct_failed_ = false;
  bool apt_failed_ = false;
  std::uint8_t run_sample_ = 0;
  unsigned run_ = 0;
  std::uint8_t window_first_ = 0;
  unsigned window_position_ = 0;
  unsigned window_count_ = 0;
};

}  // namespace reveille::core
