// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/framing_memory.hpp"
#include "reveille/core/types.hpp"

namespace reveille::core {

/// Puts Ethernet, IP, UDP and the key-management header around Wake Ups and host messages (docs/architecture.md,
/// "Server messages"; docs/timing/egress.md, E4 to E9).
class MessageFramer {
 public:
  /// Whether it takes the beat at the head of queue H in this cycle, if there is one (E5).
  [[nodiscard]] bool takes(const StreamSource* head) const { return head != nullptr && state_ == State::fill; }
  /// E4; `message_waits`: the head of H begins one.
  [[nodiscard]] bool wakeup_ready(bool message_waits) const {
    return state_ == State::idle && (!message_waits || last_was_message_);
  }
  /// The beat offered to the arbiter, or null (E8).
  [[nodiscard]] const StreamSource* offered() const { return state_ == State::offer ? &beat_ : nullptr; }
  [[nodiscard]] bool busy() const { return state_ != State::idle; }
  /// In m+4 or w+4 of what is bad (E6).
  [[nodiscard]] bool error() const { return state_ == State::refuse; }
  [[nodiscard]] FramingMemory& memory() { return memory_; }

  void reset();
  /// `taken`: the beat of a host message taken in this cycle. `job`: taken in this cycle. `moved`: the arbiter takes
  /// the beat offered.
  void clock(const StreamSource* taken, bool message_waits, const WakeupJob* job, bool moved,
             const Configuration& config) {
    const bool begins = state_ == State::idle && (message_waits || job != nullptr);
    if (taken != nullptr || begins || moved || cycle_ >= act_at_) step(taken, job, moved, config);
    ++cycle_;
  }
  /// Cycles of an idle framer, to which nothing comes.
  void pass(std::uint64_t cycles) { cycle_ += cycles; }
  bool operator==(const MessageFramer&) const = default;

 private:
  enum class State : std::uint8_t { idle, fill, check, judge, refuse, before_framing, framing, offer, done };
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  void go(State state, std::uint64_t act_at) {
    state_ = state;
    act_at_ = act_at;
  }
  void step(const StreamSource* taken, const WakeupJob* job, bool moved, const Configuration& config);
  void fill(const StreamSource& beat);
  [[nodiscard]] bool good(const Configuration& config) const;
  void choose_source(const Configuration& config);
  [[nodiscard]] Bytes payload(const Configuration& config) const;
  void frame(const Configuration& config);
  void show();

  std::uint64_t cycle_ = 0;
  std::uint64_t act_at_ = kNever;  // where the state acts by itself
  State state_ = State::idle;
  bool last_was_message_ = true;
  FramingMemory memory_;

  bool is_message_ = false;
  WakeupJob job_;
  Bytes message_;  // of the host, as far as one can be good
  bool too_long_ = false;
  net::Address client_;
  unsigned hop_ = 0;
  unsigned wanted_source_ = 0;
  bool good_ = false;
  unsigned source_ = 0;  // that it is sent from
  Bytes frame_;
  std::size_t sent_ = 0;
  StreamSource beat_;
};

}  // namespace reveille::core
