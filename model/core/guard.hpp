// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "core/frame_buffer.hpp"
#include "core/nonce_store.hpp"
#include "core/rate_limiter.hpp"

namespace reveille::core {

/// The verdict port, and what event log and counters need with it.
struct VerdictOutput {
  FrameVerdict verdict;
  bool guessing = false;  ///< V7
  net::Address source;
  std::uint32_t value = 0;  ///< returned nonce of AP Requests with verdicts 9 to 14, else 0
  std::uint64_t time = 0;   ///< the frame's
};

/// Verdicts and the state changes of sessions (docs/timing/guard.md, V1 to V7; T4, T5).
class Guard {
 public:
  Guard() { reset(); }

  /// Of this cycle, which is T+14 of its frame, or null.
  [[nodiscard]] const VerdictOutput* verdict() const {
    const Slot& slot = slots_[cycle_ % slots_.size()];
    return slot.at == cycle_ ? &slot.output : nullptr;
  }
  /// Whether this is a frame cycle: T+8 (`lookup` is not null), T+9 or T+14 of a frame with a look-up.
  [[nodiscard]] bool owns_memories(const Lookup* lookup) const {
    return lookup != nullptr || cycle_ == read_at_ + 1 || cycle_ == read_at_ + 6;
  }

  void reset();
  /// `lost`: frame_lost of this cycle.
  void clock(const Lookup* lookup, const Descriptor* descriptor, bool lost, NonceStore& store,
             const Configuration& config);

 private:
  /// A frame from its descriptor in T+12 to its verdict in T+14.
  struct Slot {
    std::uint64_t at = 0;
    Descriptor descriptor;
    std::uint64_t tolerance = 0;                               // V6: as in T+11
    ClientInitiated client_initiated = ClientInitiated::drop;  // V6: as in T+12
    std::optional<EntryState> next;                            // of the session that it found
    VerdictOutput output;
  };
  void judge(Slot& slot, const Configuration& config);
  void judge_ap_request(Slot& slot, const Configuration& config);
  void judge_sa_recovered(Slot& slot);
  void count_false_nonce(Slot& slot) const;
  void change_state(const Slot& slot, NonceStore& store) const;

  std::uint64_t cycle_ = 0;
  std::uint64_t read_at_ = 0;  // T+8 of the last look-up
  Lookup lookup_;
  NonceStore::Hit hit_;
  std::array<Slot, 4> slots_{};
  unsigned guess_threshold_ = 0;  // V6: as in T+8
  std::uint64_t tolerance_ = 0;   // as in the cycle before
  RateLimiter limiter_;
};

}  // namespace reveille::core
