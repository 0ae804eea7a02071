// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/types.hpp"

namespace reveille::core {

/// A beat accepted in c leaves in c+8 (I4), so that a frame's last beat meets its verdict.
class FrameDelay {
 public:
  [[nodiscard]] const StreamSource& beat() const { return beats_[cycle_ % kVerdictLatency]; }

  void reset() { beats_.fill({}); }
  void clock(const StreamSource& net) {
    StreamSource& slot = beats_[cycle_ % kVerdictLatency];
    if (net.valid || slot.valid) slot = net;
    ++cycle_;
  }

 private:
  std::array<StreamSource, kVerdictLatency> beats_{};
  unsigned cycle_ = 0;
};

}  // namespace reveille::core
