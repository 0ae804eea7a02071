// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/session_visit.hpp"

namespace reveille::core {
namespace {

constexpr std::uint64_t nothing_cycles = 7;   // S13: from the read to Idle
constexpr std::uint64_t classify_cycles = 3;  // from the read to where the wake registers count
constexpr std::uint64_t offer_cycles = 6;     // S14, S15: from the read to e

constexpr std::uint16_t after(std::uint16_t location) {
  return static_cast<std::uint16_t>((location + 1) % NonceStore::kSessions);
}

}  // namespace

void SessionVisit::reset() {
  sweep_ = wake_walk_ = 0;
  sweep_is_next_ = true;
  event_waits_ = wakeup_waits_ = false;
}

void SessionVisit::begin_walk(std::uint64_t at) {
  kind_ = sweep_is_next_ ? Kind::sweep : Kind::wake_walk;
  sweep_is_next_ = !sweep_is_next_;
  location_ = kind_ == Kind::sweep ? sweep_ : wake_walk_;
  step_ = Step::read;
  at_ = at;
}

void SessionVisit::begin_at(std::uint16_t location) {
  kind_ = Kind::new_session;
  location_ = location;
  step_ = Step::read;
  at_ = 0;
}

bool SessionVisit::clock(std::uint64_t now, bool free, std::uint64_t time, NonceStore& store,
                         const Configuration& config) {
  if (now < at_) return false;
  switch (step_) {
    case Step::read: return free && read(now, time, store);
    case Step::nothing: end(true); return true;
    case Step::classify: classify(now, config); return false;
    case Step::offer_event:
      if (!event_waits_) step_ = Step::write_event;
      return false;
    case Step::offer_wakeup:
      if (!wakeup_waits_) {
        step_ = Step::write_wakeup;
        return false;
      }
      end(false);
      return true;
    case Step::write_event:
      if (!free) return false;
      event_ = due_event_;
      event_waits_ = true;
      return write(store);
    case Step::write_wakeup:
      if (!free) return false;
      job_ = due_job_;
      wakeup_waits_ = true;
      return write(store);
  }
  return false;
}

bool SessionVisit::read(std::uint64_t now, std::uint64_t time, const NonceStore& store) {
  const Entry& entry = store.entry(location_);
  step_ = Step::nothing;
  at_ = now + nothing_cycles - 1;
  if (entry.nonce == 0) return false;
  time_ = time;
  if (kind_ == Kind::sweep) {
    if (time < entry.deadline) return false;
    due_event_ = {EventKind::expired, Verdict::bypass, time, entry.nonce, entry.client};
    entry_ = {};
    step_ = Step::offer_event;
    at_ = now + offer_cycles;
  } else if (store.state(location_).phase == Phase::outstanding && is_live(entry, time)) {
    const WakeState wake = WakeState::unpack(entry.aux);
    if (!wake.armed || time < wake.next) return false;
    entry_ = entry;
    step_ = Step::classify;
    at_ = now + classify_cycles;
  }
  return false;
}

// What a due Wake Up comes to, from the registers as they are in v+3.
void SessionVisit::classify(std::uint64_t now, const Configuration& config) {
  WakeState wake = WakeState::unpack(entry_.aux);
  at_ = now + offer_cycles - classify_cycles + wake.sent;
  wake.next = add_time(time_, config.wake_interval << wake.sent);
  if (wake.sent < config.wake_tries) {
    due_job_ = {entry_.client, entry_.nonce, static_cast<std::uint8_t>(wake.hop), wake.snmp,
                static_cast<std::uint8_t>(wake.source)};
    ++wake.sent;
    step_ = Step::offer_wakeup;
  } else {
    due_event_ = {EventKind::wake_failed, Verdict::bypass, time_, entry_.nonce, entry_.client};
    wake.armed = false;
    step_ = Step::offer_event;
  }
  entry_.aux = wake.pack();
}

bool SessionVisit::write(NonceStore& store) {
  store.write(location_, entry_);
  end(true);
  return true;
}

void SessionVisit::end(bool moves_on) {
  if (!moves_on) return;
  if (kind_ == Kind::sweep) sweep_ = after(sweep_);
  if (kind_ == Kind::wake_walk) wake_walk_ = after(wake_walk_);
}

}  // namespace reveille::core
