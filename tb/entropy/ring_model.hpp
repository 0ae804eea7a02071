// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace reveille::test {

/// A ring oscillator, one clock cycle after the other. Its phase is a Wiener process with drift (Baudet et al.), and
/// may be modulated by flicker noise and pulled to the clock.
struct RingParameters {
  double frequency = 7.03;  // periods a clock cycle
  double variance = 0;      // of the phase, in periods squared, that white noise adds in a clock cycle
  double flicker = 0;       // the frequency's relative deviation, of about 1/f over ten octaves
  double start = 0;         // the phase that it begins with, in periods
  double duty = 0.5;        // share of a period in which the level is 1
  double locking = 0;       // share of its way to a quarter of a period that the clock pulls the phase, a cycle
  bool stuck = false;       // at 0 while it runs
};

class Ring {
 public:
  Ring(const RingParameters& parameters, std::uint64_t seed)
      : parameters_(parameters), random_(seed), phase_(parameters.start) {}

  /// The level at the end of a cycle in which the ring runs or rests.
  bool step(bool runs) {
    const double deviation = parameters_.flicker == 0 ? 0 : flicker();
    if (!runs) {
      phase_ = parameters_.start;
      return true;
    }
    if (parameters_.stuck) return false;
    double step = parameters_.frequency * (1 + deviation) + std::sqrt(parameters_.variance) * normal_(random_);
    const double from_quarter = phase_ + step - 0.25;
    step -= parameters_.locking * (from_quarter - std::round(from_quarter));
    phase_ += step;
    phase_ -= std::floor(phase_);
    return phase_ >= 1 - parameters_.duty;  // it falls when it begins
  }

 private:
  /// A sum of values each of which is drawn anew half as often as the one before (Voss and McCartney).
  double flicker() {
    ++cycle_;
    for (unsigned octave = 0; octave < octaves_.size(); ++octave) {
      if (cycle_ % (std::uint64_t{1} << octave) == 0) octaves_[octave] = normal_(random_);
    }
    double sum = 0;
    for (const double value : octaves_) sum += value;
    return parameters_.flicker * sum / std::sqrt(double(octaves_.size()));
  }

  RingParameters parameters_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  double phase_;
  std::uint64_t cycle_ = 0;
  std::array<double, 10> octaves_{};
};

/// The greatest probability of a bit, whatever the phase before, where the phase has gathered the variance `q`
/// (periods squared) since: docs/entropy.md. Duty cycle `duty`.
inline double most_likely_bit(double q, double duty = 0.5) {
  double sum = duty > 0.5 ? duty : 1 - duty;
  const double part = sum;
  for (int k = 1; k < 60; ++k) {
    sum += 2 / (std::numbers::pi * k) * std::sin(std::numbers::pi * k * part) *
           std::exp(-2 * std::numbers::pi * std::numbers::pi * k * k * q);
  }
  return sum;
}

}  // namespace reveille::test
