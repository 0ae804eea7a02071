// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/types.hpp"

namespace reveille::core {

/// One counter a verdict, and what was lost (docs/timing/host.md, H11, H12). 48 bits, wrapping.
class Counters {
 public:
  static constexpr unsigned kCounters = 32;
  static constexpr unsigned kOverrun = 17;
  static constexpr unsigned kOversize = 18;

  [[nodiscard]] std::uint64_t value(unsigned index) const { return values_[index] & kTimeMask; }

  void reset() {
    values_.fill(0);
    pending_ = kNone;
    cycle_ = 0;
  }
  /// The verdict of this cycle shows two cycles later.
  void clock(bool valid, Verdict code, bool lost, bool oversize) {
    if (pending_ != kNone) ++values_[pending_];
    pending_ = kNone;
    if (valid && cycle_ >= kClearCycles)
      pending_ = !lost ? static_cast<unsigned>(code) : oversize ? kOversize : kOverrun;
    if (cycle_ < kClearCycles) ++cycle_;
  }

 private:
  static constexpr unsigned kNone = kCounters;
  static constexpr unsigned kClearCycles = 32;
  std::array<std::uint64_t, kCounters> values_{};
  unsigned pending_ = kNone;
  unsigned cycle_ = 0;
};

}  // namespace reveille::core
