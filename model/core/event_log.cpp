// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/event_log.hpp"

namespace reveille::core {
namespace {

constexpr std::uint64_t write_cycles = 5;  // H17
constexpr std::uint64_t drop_cycles = 2;   // H18

EventLog::Record encode(const Event& event) {
  const auto address = address_words(event.address);
  return {static_cast<std::uint32_t>(event.kind) | static_cast<std::uint32_t>(event.verdict) << 8,
          static_cast<std::uint32_t>(event.time),
          static_cast<std::uint32_t>(event.time >> 32),
          event.value,
          address[0],
          address[1],
          address[2],
          address[3]};
}

}  // namespace

void EventLog::reset() {
  cycle_ = idle_at_ = 0;
  let_go_at_ = counted_at_ = kNever;
  count_ = first_ = word_ = 0;
  dropped_ = 0;
  drops_soon_ = 0;
  busy_ = arriving_ = slot_full_ = false;
  last_was_session_ = true;
}

void EventLog::step(const EventLogInputs& in) {
  if (counted_at_ <= cycle_) {
    ++count_;
    counted_at_ = kNever;
  }
  dropped_ += drops_soon_;
  drops_soon_ = 0;

  const bool slot_was_full = slot_full_;
  if (cycle_ >= idle_at_) take_next(in.session_event);
  if (cycle_ == let_go_at_ && !last_was_session_) slot_full_ = false;  // H27
  if (arriving_) {  // H14: this is the cycle after the verdict; what is dropped counts two cycles later
    if (arriving_finds_room_ && !slot_was_full) {
      slot_full_ = true;
      slot_ = arriving_event_;
    } else {
      ++drops_soon_;
    }
  }
  arriving_ = in.verdict != nullptr && !in.lost && in.verdict->verdict.code != Verdict::bypass &&
              concerns(*in.verdict, in.mask);
  if (arriving_) {
    const VerdictOutput& verdict = *in.verdict;
    arriving_finds_room_ = !slot_was_full;
    arriving_event_ = {verdict.guessing ? EventKind::guessing : EventKind::verdict, verdict.verdict.code, verdict.time,
                       verdict.value, verdict.source};
  }

  if (in.realign && word_ != 0) end_record();                     // H24
  if (in.read && count_ != 0 && ++word_ == kWords) end_record();  // H19
  busy_ = arriving_ || slot_full_ || drops_soon_ != 0 || counted_at_ != kNever;
}

/// H15, H16: the writer is idle. Slot and session events take turns.
void EventLog::take_next(const Event* session_event) {
  if (slot_full_ && (session_event == nullptr || last_was_session_)) {
    last_was_session_ = false;
    take(slot_);
  } else if (session_event != nullptr && (!slot_full_ || !last_was_session_)) {
    last_was_session_ = true;
    take(*session_event);
  }
}

/// H17, H18. `count_` is still EVENT_COUNT in this cycle.
void EventLog::take(const Event& event) {
  if (count_ >= (event.kind == EventKind::verdict ? kVerdictRecords : kRecords)) {
    ++drops_soon_;
    idle_at_ = cycle_ + drop_cycles;
  } else {
    records_[(first_ + count_) % kRecords] = encode(event);
    idle_at_ = counted_at_ = cycle_ + write_cycles;
  }
  let_go_at_ = idle_at_ - 1;
}

}  // namespace reveille::core
