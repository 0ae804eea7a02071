// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/types.hpp"

namespace reveille::core {

/// One counter a verdict, and what was lost (docs/timing/host.md, H11, H12). 48 bits, wrapping.
class Counters {
 public:
  static constexpr unsigned kCounters = 32;
  static constexpr unsigned kOverrun = 17;  ///< of `bypass` and `client_initiated`
  static constexpr unsigned kOversize = 18;
  static constexpr unsigned kSessionOverrun = 19;  ///< of `accepted`, `resend` and `sa_recovered`

  /// As it was in the cycle before: what a read in this one returns (H13).
  [[nodiscard]] std::uint64_t value(unsigned index) const { return values_[index] & kMask; }

  void reset() {
    values_.fill(0);
    pending_.fill(kNone);
    cycle_ = busy_until_ = 0;
  }
  /// The verdict of this cycle shows four cycles later, and in `value` five.
  void clock(bool valid, Verdict code, bool lost, bool oversize) {
    if (valid) {
      busy_until_ = cycle_ + kPending;  // until its place in `pending_` is cleared again
    } else if (cycle_ > busy_until_) {
      ++cycle_;
      return;
    }
    if (const unsigned index = pending_[(cycle_ - kLatency) % kPending]; index != kNone) ++values_[index];
    pending_[cycle_ % kPending] = !valid || cycle_ < kClearCycles ? kNone
                                  : !lost                         ? static_cast<unsigned>(code)
                                                                  : lost_index(code, oversize);
    ++cycle_;
  }

  /// Cycles without a verdict.
  void pass(std::uint64_t cycles) {
    for (; cycles != 0 && cycle_ <= busy_until_; --cycles) clock(false, Verdict::bypass, false, false);
    cycle_ += cycles;
  }
  bool operator==(const Counters&) const = default;

 private:
  static constexpr unsigned lost_index(Verdict code, bool oversize) {
    if (oversize) return kOversize;
    const bool of_session = code == Verdict::accepted || code == Verdict::resend || code == Verdict::sa_recovered;
    return of_session ? kSessionOverrun : kOverrun;
  }
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << 48) - 1;
  static constexpr unsigned kNone = kCounters;
  static constexpr unsigned kClearCycles = 32;
  static constexpr unsigned kLatency = 4;
  static constexpr unsigned kPending = 8;
  std::array<std::uint64_t, kCounters> values_{};
  std::array<unsigned, kPending> pending_{};  // what the verdicts of the last cycles count
  std::uint64_t cycle_ = 0;
  std::uint64_t busy_until_ = 0;
};

}  // namespace reveille::core
