// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "reveille/core/ctr_drbg.hpp"
#include "reveille/core/health_tests.hpp"

namespace reveille::core {

/// docs/timing/nonce_generator.md, "parameter".
struct NonceGeneratorParameters {
  unsigned seed_samples = 48;
  unsigned startup_samples = 1024;
  std::uint32_t reseed_interval = 65536;
  HealthCutoffs cutoffs = health_cutoffs();
  bool operator==(const NonceGeneratorParameters&) const = default;
};

struct NonceGeneratorInputs {
  bool entropy_valid = false;
  std::uint8_t entropy_data = 0;
  bool nonce_ready = false;
  bool restart = false;
  std::uint64_t silence_limit = 0;
  unsigned restart_limit = 0;
};

/// Health tests and a DRBG worked off as a list of operations of fixed length (docs/timing/nonce_generator.md, G1 to
/// G10).
class NonceGenerator {
 public:
  explicit NonceGenerator(const NonceGeneratorParameters& parameters = {});

  [[nodiscard]] static constexpr bool entropy_ready() { return true; }
  [[nodiscard]] bool nonce_valid() const { return operation_ == Operation::offer && !failed(); }
  [[nodiscard]] std::uint32_t nonce() const { return nonce_valid() ? fetched_ : 0; }
  [[nodiscard]] bool seeded() const { return instantiated_ && !failed(); }
  [[nodiscard]] const HealthTests& health() const { return health_; }
  [[nodiscard]] unsigned restarts() const { return restarts_; }  ///< G9

  void reset();  ///< to the first cycle of operation 1
  void clock(const NonceGeneratorInputs& in);

  /// For how many cycles it has nothing to do while no sample comes, no nonce is taken, and its limits stay.
  [[nodiscard]] std::uint64_t cycles_to_wait() const {
    if (failed() || arrives_ || restart_cycle_ || cycles_to_restart_ != 0) return 0;
    const std::uint64_t to_act = cycles_left_ == 0 ? ~std::uint64_t{0} : cycles_left_ - 1;
    return std::min(to_act, health_.cycles_to_wait(silence_limit_));
  }
  void pass(std::uint64_t cycles) {
    if (cycles_left_ != 0) cycles_left_ -= static_cast<unsigned>(cycles);
    health_.pass(cycles);
  }
  bool operator==(const NonceGenerator&) const = default;

 private:
  enum class Operation : std::uint8_t { zeroise, startup, collect, seed, generate, fetch, offer };
  [[nodiscard]] bool failed() const { return health_.failed(); }
  void begin_anew();
  void begin(Operation operation);
  void step(const NonceGeneratorInputs& in);
  void after_fetched();

  NonceGeneratorParameters parameters_;
  CtrDrbg drbg_;
  HealthTests health_;

  Operation operation_ = Operation::zeroise;
  unsigned cycles_left_ = 0;   // of an operation of fixed length, in others 0
  unsigned samples_left_ = 0;  // of Start-up and Collect
  bool instantiated_ = false;
  std::uint32_t generates_ = 0;  // since the last seed
  Bytes seed_;
  CtrDrbg::Block block_{};
  unsigned fetches_ = 0;  // of the block
  std::uint32_t fetched_ = 0;

  bool restart_cycle_ = false;  // this one: `restart` was given in the cycle before (G1)
  unsigned restarts_ = 0;
  bool failure_seen_ = false;        // and what follows from it is settled (G9)
  unsigned cycles_to_restart_ = 0;   // by itself, if not 0
  std::uint64_t silence_limit_ = 0;  // of the cycle before
  bool arrives_ = false;             // in this cycle
  std::uint8_t sample_ = 0;
};

}  // namespace reveille::core
