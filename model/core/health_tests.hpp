// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reveille::core {

/// SP 800-90B, 4.4.1 and 4.4.2.
struct HealthCutoffs {
  unsigned repetition = 0;
  unsigned proportion = 0;  ///< in a window of 512
  bool operator==(const HealthCutoffs&) const = default;
};

/// `noise_entropy`: min-entropy claimed for a sample, in eighths of a bit; `false_alarm`: -log2 of a false alarm's
/// probability.
HealthCutoffs health_cutoffs(unsigned noise_entropy = 32, unsigned false_alarm = 40);

/// What may be wrong with the noise source (docs/timing/nonce_generator.md, G3).
class HealthTests {
 public:
  explicit HealthTests(const HealthCutoffs& cutoffs) : cutoffs_(cutoffs) {}

  [[nodiscard]] bool rct_failed() const { return (failures_ & kRepetition) != 0; }
  [[nodiscard]] bool apt_failed() const { return (failures_ & kProportion) != 0; }
  [[nodiscard]] bool silent() const { return (failures_ & kSilence) != 0; }
  [[nodiscard]] bool failed() const { return failures_ != 0; }

  void reset() { *this = HealthTests(cutoffs_); }
  /// `silence_limit`: as it was in the cycle before.
  void clock(bool arrives, std::uint8_t sample, std::uint64_t silence_limit) {
    failures_ |= shows_next_;
    shows_next_ = shows_after_next_;
    shows_after_next_ = 0;
    if (arrives) {
      missing_ = 0;
      test(sample);
    } else {
      ++missing_;
      if (silence_limit != 0 && missing_ >= silence_limit) shows_next_ |= kSilence;
    }
  }

  /// For how many cycles without a sample nothing fails.
  [[nodiscard]] std::uint64_t cycles_to_wait(std::uint64_t silence_limit) const {
    if (shows_next_ != 0 || shows_after_next_ != 0) return 0;
    if (silence_limit == 0) return ~std::uint64_t{0};
    return silence_limit > missing_ + 1 ? silence_limit - missing_ - 1 : 0;
  }
  void pass(std::uint64_t cycles) { missing_ += cycles; }
  bool operator==(const HealthTests&) const = default;

 private:
  static constexpr unsigned kWindow = 512;
  static constexpr unsigned kRepetition = 1;
  static constexpr unsigned kProportion = 2;
  static constexpr unsigned kSilence = 4;
  void test(std::uint8_t sample);

  HealthCutoffs cutoffs_;
  unsigned failures_ = 0;
  unsigned shows_next_ = 0;        // a silence found in a shows in a+2
  unsigned shows_after_next_ = 0;  // what a sample that arrives in a fails shows in a+3
  std::uint64_t missing_ = 0;      // cycles without a sample
  std::uint8_t run_sample_ = 0;
  unsigned run_ = 0;
  std::uint8_t window_first_ = 0;
  unsigned window_position_ = 0;
  unsigned window_count_ = 0;
};

}  // namespace reveille::core
