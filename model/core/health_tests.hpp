// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reveille::core {

/// SP 800-90B, 4.4.1 and 4.4.2.
struct HealthCutoffs {
  unsigned repetition = 0;
  unsigned proportion = 0;  ///< in a window of 512
};

/// `noise_entropy`: min-entropy claimed for a sample, in eighths of a bit; `false_alarm`: -log2 of a false alarm's
/// probability.
HealthCutoffs health_cutoffs(unsigned noise_entropy = 32, unsigned false_alarm = 40);

/// What may be wrong with the noise source (docs/timing/nonce_generator.md, G3).
class HealthTests {
 public:
  explicit HealthTests(const HealthCutoffs& cutoffs) : cutoffs_(cutoffs) {}

  [[nodiscard]] bool rct_failed() const { return rct_failed_; }
  [[nodiscard]] bool apt_failed() const { return apt_failed_; }
  [[nodiscard]] bool silent() const { return silent_; }
  [[nodiscard]] bool failed() const { return rct_failed_ || apt_failed_ || silent_; }

  void reset() { *this = HealthTests(cutoffs_); }
  void clock(bool arrives, std::uint8_t sample, std::uint64_t silence_limit) {
    if (arrives) {
      missing_ = 0;
      test(sample);
    } else {
      ++missing_;
      if (silence_limit != 0 && missing_ >= silence_limit) silent_ = true;
    }
  }

 private:
  static constexpr unsigned kWindow = 512;
  void test(std::uint8_t sample);

  HealthCutoffs cutoffs_;
  bool rct_failed_ = false;
  bool apt_failed_ = false;
  bool silent_ = false;
  std::uint64_t missing_ = 0;  // cycles without a sample
  std::uint8_t run_sample_ = 0;
  unsigned run_ = 0;
  std::uint8_t window_first_ = 0;
  unsigned window_position_ = 0;
  unsigned window_count_ = 0;
};

}  // namespace reveille::core
