// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/guard.hpp"
#include "reveille/core/types.hpp"

namespace reveille::core {

/// What moves the event log in a cycle.
struct EventLogInputs {
  const VerdictOutput* verdict = nullptr;  ///< of this cycle
  bool lost = false;                       ///< its frame is
  std::uint32_t mask = 0;                  ///< EVENT_MASK
  const Event* session_event = nullptr;    ///< offered
  bool read = false;                       ///< EVENT_DATA is read
  bool realign = false;                    ///< CONTROL.event_realign
};

/// The records that the host reads, a slot for one verdict event, and the writer (docs/timing/host.md, H14 to H19,
/// H24).
class EventLog {
 public:
  static constexpr unsigned kRecords = config::kEventRecords;
  static constexpr unsigned kVerdictRecords = kRecords - config::kEventReserve;
  static constexpr unsigned kWords = 8;
  static constexpr unsigned kNonceWord = 3;
  using Record = std::array<std::uint32_t, kWords>;

  /// event_ready, where a session event is let go (H27).
  [[nodiscard]] bool ready() const { return cycle_ == let_go_at_ && last_was_session_; }
  [[nodiscard]] unsigned count() const { return count_ + (counted_at_ <= cycle_ ? 1 : 0); }
  [[nodiscard]] std::uint32_t dropped() const { return dropped_; }
  /// What EVENT_DATA returns in this cycle, but for the lock, and which word of a record that is.
  [[nodiscard]] std::uint32_t word() const { return count() == 0 ? 0 : records_[first_ % kRecords][word_]; }
  [[nodiscard]] unsigned word_index() const { return word_; }

  void reset();
  void clock(const EventLogInputs& in) {
    const bool comes = in.verdict != nullptr && in.verdict->verdict.code != Verdict::bypass;
    if (comes || in.session_event != nullptr || in.read || in.realign || busy_) step(in);
    ++cycle_;
  }
  /// Something moves in the next cycle by itself.
  [[nodiscard]] bool busy() const { return busy_; }
  /// Cycles in which it is not busy, and nothing comes.
  void pass(std::uint64_t cycles) { cycle_ += cycles; }
  /// Whether the verdict may become an event.
  static bool concerns(const VerdictOutput& verdict, std::uint32_t mask) {
    return verdict.guessing || (mask >> static_cast<unsigned>(verdict.verdict.code) & 1) != 0;
  }
  bool operator==(const EventLog&) const = default;

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  void step(const EventLogInputs& in);
  void take(const Event& event);
  void take_next(const Event* session_event);
  void end_record() {
    word_ = 0;
    ++first_;
    --count_;
  }

  std::uint64_t cycle_ = 0;
  bool busy_ = false;
  std::uint64_t idle_at_ = 0;          // the writer
  std::uint64_t let_go_at_ = kNever;   // the event that was taken last
  std::uint64_t counted_at_ = kNever;  // when the record under way counts
  unsigned count_ = 0;                 // without the record under way
  unsigned first_ = 0;                 // the oldest record
  unsigned word_ = 0;                  // of it, to be read next
  std::uint32_t dropped_ = 0;
  unsigned drops_soon_ = 0;  // count in the next cycle
  bool last_was_session_ = true;

  bool arriving_ = false;             // the verdict of the cycle before is an event
  bool arriving_finds_room_ = false;  // in that cycle
  Event arriving_event_;
  bool slot_full_ = false;
  Event slot_;
  std::array<Record, kRecords> records_{};
};

}  // namespace reveille::core
