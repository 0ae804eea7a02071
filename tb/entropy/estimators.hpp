// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace reveille::test {

/// Bits of a sample, as SP 800-90B's tool takes them: the most significant first.
inline std::vector<std::uint8_t> bits_of(std::span<const std::uint8_t> samples) {
  std::vector<std::uint8_t> bits;
  bits.reserve(8 * samples.size());
  for (const unsigned sample : samples) {
    for (int bit = 7; bit >= 0; --bit) bits.push_back(static_cast<std::uint8_t>(sample >> bit & 1));
  }
  return bits;
}

/// The most common value estimate (SP 800-90B, 6.3.1): min-entropy of a sample, in bits.
inline double most_common_value(std::span<const std::uint8_t> samples) {
  std::array<std::size_t, 256> counts{};
  for (const auto sample : samples) ++counts[sample];
  const auto total = double(samples.size());
  const double p = double(*std::max_element(counts.begin(), counts.end())) / total;
  return -std::log2(std::min(1.0, p + 2.576 * std::sqrt(p * (1 - p) / (total - 1))));
}

/// The Markov estimate (SP 800-90B, 6.3.3): min-entropy of a bit.
inline double markov(std::span<const std::uint8_t> bits) {
  std::array<std::array<double, 2>, 2> next{};
  for (std::size_t i = 0; i + 1 < bits.size(); ++i) next[bits[i]][bits[i + 1]] += 1;
  const double ones = double(std::count(bits.begin(), bits.end(), 1)) / double(bits.size());
  const auto log = [](double p) { return p > 0 ? std::log2(p) : -1e9; };
  const auto from = [&](int a, int b) { return log(next[a][b] / std::max(1.0, next[a][0] + next[a][1])); };
  const double zero = log(1 - ones), one = log(ones);
  const double likeliest =
      std::max({zero + 127 * from(0, 0), zero + 64 * from(0, 1) + 63 * from(1, 0), zero + from(0, 1) + 126 * from(1, 1),
                one + from(1, 0) + 126 * from(0, 0), one + 64 * from(1, 0) + 63 * from(0, 1), one + 127 * from(1, 1)});
  return std::min(-likeliest / 128, 1.0);
}

}  // namespace reveille::test
