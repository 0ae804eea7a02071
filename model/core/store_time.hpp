// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "reveille/core/types.hpp"

namespace reveille::core {

/// The time that session_control goes by: of the oldest frame under way, else time_i (docs/timing/guard.md, "Store
/// time").
class StoreTime {
 public:
  /// In cycle `now`, in which time_i is `time`.
  [[nodiscard]] std::uint64_t at(std::uint64_t now, std::uint64_t time) const {
    if (now <= older_.until) return older_.time;
    if (now <= newer_.until) return newer_.time;
    return under_way_ && now <= begun_ + kFrameCycles ? time_ : time;
  }

  void reset() {
    older_ = newer_ = {};
    under_way_ = false;
  }
  void begin(std::uint64_t now, std::uint64_t time) {
    under_way_ = true;
    begun_ = now;
    time_ = time;
  }
  /// A frame ends in T = `now`.
  void end(std::uint64_t now, bool has_lookup) {
    under_way_ = false;
    if (!has_lookup || now > begun_ + kFrameCycles) return;
    older_ = newer_;
    newer_ = {now + kLookupLatency, time_};
  }
  bool operator==(const StoreTime&) const = default;

 private:
  /// A frame that has ended and waits for its look-up. They are seven cycles apart at least: two at most wait.
  struct Ended {
    std::uint64_t until = 0;
    std::uint64_t time = 0;
    bool operator==(const Ended&) const = default;
  };
  Ended older_;
  Ended newer_;
  bool under_way_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t time_ = 0;
};

}  // namespace reveille::core
