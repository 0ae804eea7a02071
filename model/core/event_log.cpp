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
  slot_full_ = false;
}

void EventLog::step(const VerdictOutput* verdict, const Event* event, bool read) {
  if (counted_at_ <= cycle_) {
    ++count_;
    counted_at_ = kNever;
  }
  const unsigned count = count_;  // EVENT_COUNT in this cycle
  if (read && count != 0) {       // H19
    word_ = (word_ + 1) % kWords;
    if (word_ == 0) {
      ++first_;
      --count_;
    }
  }
  if (cycle_ >= idle_at_) {
    const bool verdict_room = count < kVerdictRecords;
    const bool session_room = count < kRecords;
    if (slot_full_) {  // H15
      slot_full_ = false;
      if (verdict_room) {
        take(slot_);
      } else {
        ++dropped_;  // H18
      }
    } else if (event != nullptr) {  // H16
      if (session_room) {
        take(*event);
      } else {
        ++dropped_;
      }
    }
  }
  if (verdict != nullptr) {  // H14
    slot_full_ = true;
    slot_ = {EventKind::verdict, verdict->verdict.code, verdict->time, verdict->value, verdict->source};
  }
  ++cycle_;
}

void EventLog::take(const Event& event) {
  records_[(first_ + count_) % kRecords] = encode(event);
  idle_at_ = counted_at_ = cycle_ + write_cycles;
}

}  // namespace reveille::core
