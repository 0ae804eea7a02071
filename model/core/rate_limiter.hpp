// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace reveille::core {

/// The rate of `client_initiated`: virtual scheduling of ITU-T I.371 (docs/protocol.md, L15). 54 bits hold its sums.
class RateLimiter {
 public:
  void reset() { theoretical_arrival_ = next_ = 0; }
  /// Whether a frame at `now` conforms; if it does, `take` is what follows from letting it pass.
  bool conforms(std::uint64_t now, std::uint64_t tolerance, std::uint64_t interval) {
    const bool passes = theoretical_arrival_ <= now + tolerance;
    next_ = passes ? std::max(theoretical_arrival_, now) + interval : theoretical_arrival_;
    return passes;
  }
  void take() { theoretical_arrival_ = next_; }
  void forget() { next_ = theoretical_arrival_; }
  bool operator==(const RateLimiter&) const = default;

 private:
  std::uint64_t theoretical_arrival_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace reveille::core
