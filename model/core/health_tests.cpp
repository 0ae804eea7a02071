// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/health_tests.hpp"

#include <cmath>

namespace reveille::core {

HealthCutoffs health_cutoffs(unsigned noise_entropy, unsigned false_alarm) {
  constexpr unsigned window = 512;
  HealthCutoffs out;
  out.repetition = 1 + (8 * false_alarm + noise_entropy - 1) / noise_entropy;

  // 1 + critbinom: the smallest count that so few windows exceed. P(X = k) from the largest k down.
  const long double p = std::exp2(-static_cast<long double>(noise_entropy) / 8);
  const long double alpha = std::exp2(-static_cast<long double>(false_alarm));
  long double above = 0;
  unsigned count = window;
  for (; count != 0; --count) {
    const long double log_choose =
        std::lgamma(window + 1.0L) - std::lgamma(count + 1.0L) - std::lgamma(window - count + 1.0L);
    above += std::exp(log_choose + count * std::log(p) + (window - count) * std::log1p(-p));
    if (above > alpha) break;
  }
  out.proportion = 1 + count;
  return out;
}

void HealthTests::test(std::uint8_t sample) {
  run_ = run_ != 0 && sample == run_sample_ ? run_ + 1 : 1;
  run_sample_ = sample;
  if (run_ >= cutoffs_.repetition) shows_after_next_ |= kRepetition;

  if (window_position_ == 0) {
    window_first_ = sample;
    window_count_ = 0;
  }
  if (sample == window_first_) ++window_count_;
  window_position_ = (window_position_ + 1) % kWindow;
  if (sample == window_first_ && window_count_ >= cutoffs_.proportion) shows_after_next_ |= kProportion;
}

}  // namespace reveille::core
