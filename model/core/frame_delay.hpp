// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>

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
    move_on();
  }
  /// A cycle in which eight octets of a frame come, which are not its last. Returns what leaves in it.
  StreamSource exchange(const std::uint8_t* octets) {
    StreamSource& slot = beats_[at_];
    const StreamSource leaves = slot;
    slot = {true, 0, 0xFF, false, 0};
    std::memcpy(&slot.data, octets, 8);
    move_on();
    return leaves;
  }
  bool operator==(const FrameDelay&) const = default;

 private:
  void move_on() { at_ = at_ + 1 == kVerdictLatency ? 0 : at_ + 1; }

  std::array<StreamSource, kVerdictLatency> beats_{};
  unsigned at_ = 0;
};

}  // namespace reveille::core
