// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/guard.hpp"
#include "core/types.hpp"

namespace reveille::core {

/// The records that the host reads, a slot for one verdict event, and the writer (docs/timing/host.md, H14 to H19).
class EventLog {
 public:
  static constexpr unsigned kRecords = 128;
  static constexpr unsigned kVerdictRecords = 96;
  static constexpr unsigned kWords = 8;
  using Record = std::array<std::uint32_t, kWords>;

  [[nodiscard]] bool ready() const { return cycle_ >= idle_at_ && !slot_full_; }  ///< event_ready, for session events
  [[nodiscard]] unsigned count() const { return count_ + (counted_at_ <= cycle_ ? 1 : 0); }
  [[nodiscard]] std::uint32_t dropped() const { return dropped_; }
  /// What EVENT_DATA returns in this cycle.
  [[nodiscard]] std::uint32_t word() const { return count() == 0 ? 0 : records_[first_ % kRecords][word_]; }

  void reset();
  /// `verdict`: of this cycle, null if there is none or it is bypass. `lost`: its frame is. `mask`: EVENT_MASK.
  /// `event`: a session event handed over in this cycle. `read`: EVENT_DATA is read in this cycle.
  void clock(const VerdictOutput* verdict, bool lost, std::uint32_t mask, const Event* event, bool read) {
    if (verdict == nullptr && event == nullptr && !read && !slot_full_ && !drops_ && counted_at_ > cycle_) {
      ++cycle_;
    } else {
      step(verdict, lost, mask, event, read);
    }
  }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  void step(const VerdictOutput* verdict, bool lost, std::uint32_t mask, const Event* event, bool read);
  void take(const Event& event, unsigned room);

  std::uint64_t cycle_ = 0;
  std::uint64_t idle_at_ = 0;          // the writer
  std::uint64_t counted_at_ = kNever;  // when the record under way counts
  unsigned count_ = 0;                 // without the record under way
  unsigned first_ = 0;                 // the oldest record
  unsigned word_ = 0;                  // of it, to be read next
  std::uint32_t dropped_ = 0;
  bool drops_ = false;  // counts in the next cycle
  bool slot_full_ = false;
  bool slot_due_ = false;     // may be taken
  bool slot_logged_ = false;  // until it is due: not lost
  Event slot_;
  std::array<Record, kRecords> records_{};
};

}  // namespace reveille::core
