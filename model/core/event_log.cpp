// SPDX-License-Identifier: Apache-2.0
#include "core/event_log.hpp"

namespace reveille::core {
namespace {

constexpr std::uint64_t write_cycles = 5;  // H17

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
  counted_at_ = kNever;
  count_ = first_ = word_ = 0;
  dropped_ = 0;
  drops_ = slot_full_ = slot_due_ = slot_logged_ = false;
}

void EventLog::step(const VerdictOutput* verdict, bool lost, std::uint32_t mask, const Event* event, bool read) {
  if (counted_at_ <= cycle_) {
    ++count_;
    counted_at_ = kNever;
  }
  if (drops_) ++dropped_;  // H18
  drops_ = false;
  const bool idle = cycle_ >= idle_at_;
  if (idle && slot_full_ && slot_due_) {  // H15
    slot_full_ = slot_due_ = false;
    if (slot_logged_) take(slot_, kVerdictRecords);
  } else if (idle && !slot_full_ && event != nullptr) {  // H16
    take(*event, kRecords);
  }
  if (slot_full_ && !slot_due_) {
    slot_due_ = true;
    slot_logged_ = slot_logged_ && (mask >> static_cast<unsigned>(slot_.verdict) & 1) != 0;
  }
  if (verdict != nullptr) {  // H14
    slot_full_ = true;
    slot_due_ = false;
    slot_logged_ = !lost;
    slot_ = {EventKind::verdict, verdict->verdict.code, verdict->time, verdict->value, verdict->source};
  }
  if (read && count_ != 0) {  // H19
    word_ = (word_ + 1) % kWords;
    if (word_ == 0) {
      ++first_;
      --count_;
    }
  }
  ++cycle_;
}

/// H17, H18. `count_` is still EVENT_COUNT in this cycle.
void EventLog::take(const Event& event, unsigned room) {
  if (count_ >= room) {
    drops_ = true;
    return;
  }
  records_[(first_ + count_) % kRecords] = encode(event);
  idle_at_ = counted_at_ = cycle_ + write_cycles;
}

}  // namespace reveille::core
