// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "core/frame_buffer.hpp"
#include "core/nonce_store.hpp"

namespace reveille::core {

/// The verdict port, and what event log and counters need with it.
struct VerdictOutput {
  FrameVerdict verdict;
  net::Address source;
  std::uint32_t value = 0;  ///< returned nonce of AP Requests with verdicts 9 to 14, else 0
  std::uint64_t time = 0;   ///< the frame's
};

/// Verdicts and the state changes of sessions (docs/timing/guard.md, V1 to V5; T4, T5). What the verdict is comes from
/// policy::decide.
class Guard {
 public:
  /// Of this cycle, which is T+8 of its frame, or null.
  [[nodiscard]] const VerdictOutput* verdict() const { return verdict_at_ == cycle_ ? &output_ : nullptr; }
  /// Whether this is a frame cycle: T+2 (`lookup` is not null), T+3 or T+8 of a frame with a look-up.
  [[nodiscard]] bool owns_memories(const Lookup* lookup) const {
    return lookup != nullptr || cycle_ == read_at_ + 1 || cycle_ == read_at_ + 6;
  }

  void reset();
  /// `inserted`: where session_control inserts in this cycle. `lost`: frame_lost of this cycle.
  void clock(const Lookup* lookup, const Descriptor* descriptor, std::optional<std::uint16_t> inserted, bool lost,
             NonceStore& store, const policy::ServerConfig& config);

 private:
  struct Slot {
    std::uint64_t at = 0;
    Descriptor descriptor;
    std::uint64_t tolerance = 0;  // V6: as in T+5
  };
  void decide(const Slot& slot, const policy::ServerConfig& config);
  void change_state(NonceStore& store);

  std::uint64_t cycle_ = 16;
  std::uint64_t read_at_ = 0;  // T+2 of the last look-up
  Lookup lookup_;
  NonceStore::Hit hit_;
  bool void_ = false;
  std::array<Slot, 2> slots_{};  // descriptors on their way from T+6 to T+7
  std::uint64_t tolerance_ = 0;  // as in the cycle before
  std::uint64_t verdict_at_ = 0;
  VerdictOutput output_;
  policy::Decision decision_;
  policy::RateLimiter limiter_;
  policy::RateLimiter limiter_next_;  // taken at the end of T+8 unless the frame is lost
};

}  // namespace reveille::core
