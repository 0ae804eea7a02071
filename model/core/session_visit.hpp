// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/nonce_store.hpp"

namespace reveille::core {

/// The visits of the sweep and of the wake walk, and what waits to be handed over because of them
/// (docs/architecture.md, "Visits"; docs/timing/guard.md, S10, S12 to S16).
class SessionVisit {
 public:
  [[nodiscard]] const Event* event() const { return event_waits_ ? &event_ : nullptr; }
  [[nodiscard]] const WakeupJob* wakeup() const { return wakeup_waits_ ? &job_ : nullptr; }

  /// For how many cycles from `now` on the visit under way has nothing to do; 0 while something is offered.
  [[nodiscard]] std::uint64_t cycles_to_wait(std::uint64_t now) const {
    return now < at_ && !event_waits_ && !wakeup_waits_ ? at_ - now : 0;
  }

  void reset();
  /// S16, at the end of a cycle in which the other side was ready or not.
  void hand_over(bool event_ready, bool wakeup_ready, bool event_waited, bool wakeup_waited) {
    if (event_ready && event_waited) event_waits_ = false;
    if (wakeup_ready && wakeup_waited) wakeup_waits_ = false;
  }

  /// The next visit of S12; its read cycle is the first free one from `at` on.
  void begin_walk(std::uint64_t at);
  /// The visit of S10; its read cycle is the first free one from the next cycle on.
  void begin_at(std::uint16_t location);
  /// One cycle of a visit. Returns whether the next one is Idle.
  bool clock(std::uint64_t now, bool free, std::uint64_t time, NonceStore& store, const Configuration& config);
  bool operator==(const SessionVisit&) const = default;

 private:
  enum class Kind : std::uint8_t { sweep, wake_walk, new_session };
  enum class Step : std::uint8_t { read, nothing, classify, offer_event, offer_wakeup, write_event, write_wakeup };
  bool read(std::uint64_t now, std::uint64_t time, const NonceStore& store);
  void classify(std::uint64_t now, const Configuration& config);
  bool write(NonceStore& store);
  void end(bool moves_on);

  std::uint16_t sweep_ = 0;
  std::uint16_t wake_walk_ = 0;
  bool sweep_is_next_ = true;

  Kind kind_ = Kind::sweep;
  Step step_ = Step::read;
  std::uint64_t at_ = 0;  // the step acts from this cycle on
  std::uint16_t location_ = 0;
  std::uint64_t time_ = 0;
  Entry entry_;  // as it will be written
  Event due_event_;
  WakeupJob due_job_;

  bool event_waits_ = false;
  bool wakeup_waits_ = false;
  Event event_;
  WakeupJob job_;
};

}  // namespace reveille::core
