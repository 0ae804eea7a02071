// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/types.hpp"

namespace reveille::core {

/// A beat accepted in c leaves in c+14, or c+16 (I4, T13), so that a frame's last beat meets its verdict.
class FrameDelay {
 public:
  [[nodiscard]] const StreamSource& beat() const { return beats_[at_]; }

  void reset() { beats_.fill({}); }
  void clock(const StreamSource& net) {
    StreamSource& slot = beats_[at_];
    if (net.valid || slot.valid) slot = net;
    at_ = at_ + 1 == kVerdictLatency ? 0 : at_ + 1;
  }

 private:
  std::array<StreamSource, kVerdictLatency> beats_{};
  unsigned at_ = 0;
};

}  // namespace reveille::core
