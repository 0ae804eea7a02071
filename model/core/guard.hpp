// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "reveille/core/frame_buffer.hpp"
#include "reveille/core/nonce_store.hpp"
#include "reveille/core/rate_limiter.hpp"

namespace reveille::core {

/// The verdict port, and what event log and counters need with it.
struct VerdictOutput {
  FrameVerdict verdict;
  bool guessing = false;  ///< V7
  net::Address source;
  std::uint32_t value = 0;  ///< returned nonce of AP Requests with verdicts 9 to 14, else 0
  std::uint64_t time = 0;   ///< the frame's
  bool operator==(const VerdictOutput&) const = default;
};

/// Verdicts and the state changes of sessions (docs/timing/guard.md, V1 to V7; T4, T5).
class Guard {
 public:
  Guard() { reset(); }

  /// Of this cycle, which is the verdict's of its frame (T4), or null.
  [[nodiscard]] const VerdictOutput* verdict() const {
    const Slot& slot = slots_[cycle_ % slots_.size()];
    return slot.at == cycle_ ? &slot.output : nullptr;
  }
  /// Whether this is a frame cycle (T11): a read cycle, the first being that in which `lookup` is not null, or the
  /// verdict's, of a frame with a look-up.
  [[nodiscard]] bool owns_memories(const Lookup* lookup) const {
    const std::uint64_t since = cycle_ - read_at_;
    return lookup != nullptr || since < config::kLookupCycles || since == kVerdictLatency - kLookupLatency;
  }

  void reset();
  /// `lost`: frame_lost of this cycle.
  void clock(const Lookup* lookup, const Descriptor* descriptor, bool lost, NonceStore& store,
             const Configuration& config);
  /// Whether `pass` is all that `clock` would do in a cycle without look-up and descriptor.
  [[nodiscard]] bool still() const { return cycle_ > busy_until_; }
  void pass(const Configuration& config, std::uint64_t cycles = 1) {
    cycle_ += cycles;
    client_initiated_ = config.client_initiated;
    tolerance_before_ = cycles > 1 ? config.tolerance : tolerance_;
    tolerance_ = config.tolerance;
  }
  bool operator==(const Guard&) const = default;

 private:
  /// A frame from its descriptor to its verdict.
  struct Slot {
    std::uint64_t at = 0;
    Descriptor descriptor;
    std::optional<EntryState> next;  // of the session that it found
    VerdictOutput output;
    bool operator==(const Slot&) const = default;
  };
  void judge(Slot& slot, const Configuration& config);
  void judge_ap_request(Slot& slot, const Configuration& config);
  void judge_sa_recovered(Slot& slot);
  void count_false_nonce(Slot& slot) const;
  void change_state(const Slot& slot, NonceStore& store) const;

  std::uint64_t cycle_ = 0;
  std::uint64_t read_at_ = 0;     // of the last look-up, its first read cycle
  std::uint64_t busy_until_ = 0;  // by what has come: the verdict at the latest
  Lookup lookup_;
  NonceStore::Hit hit_;
  std::array<Slot, 8> slots_{};
  unsigned guess_threshold_ = 0;  // V6: as in T+8
  // V6: as in the cycle before, and tolerance in the one before that too.
  ClientInitiated client_initiated_ = ClientInitiated::drop;
  std::uint64_t tolerance_ = 0;
  std::uint64_t tolerance_before_ = 0;
  RateLimiter limiter_;
};

}  // namespace reveille::core
