// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "reveille/kerberos/time.hpp"

namespace reveille::nodes {

/// One in `interval`, but `burst` at once (ITU-T I.371, virtual scheduling).
class RateLimit {
 public:
  RateLimit(kerberos::Time interval, unsigned burst) : interval_(interval), tolerance_((burst - 1) * interval) {}

  [[nodiscard]] bool allows(kerberos::Time now) const { return now >= next(); }
  /// When it next allows one.
  [[nodiscard]] kerberos::Time next() const { return arrival_ - tolerance_; }
  [[nodiscard]] bool take(kerberos::Time now) {
    if (!allows(now)) return false;
    arrival_ = std::max(arrival_, now) + interval_;
    return true;
  }

 private:
  kerberos::Time interval_;
  kerberos::Time tolerance_;
  kerberos::Time arrival_ = 0;  ///< theoretical arrival time of the next
};

}  // namespace reveille::nodes
