// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/types.hpp"

namespace reveille::core {

/// Puts Ethernet, IP, UDP and the key-management header around Wake Ups and host messages (docs/architecture.md,
/// "Server messages"; docs/timing/egress.md, E4 to E9).
class MessageFramer {
 public:
  static constexpr std::size_t kFramingWords = 64;

  /// Whether it takes the beat at the head of queue H in this cycle, if there is one (E5).
  [[nodiscard]] bool takes(const StreamSource* head) const { return head != nullptr && state_ == State::fill; }
  [[nodiscard]] bool wakeup_ready() const { return state_ == State::idle; }  ///< E4
  /// The beat offered to the arbiter, or null (E8).
  [[nodiscard]] const StreamSource* offered() const { return state_ == State::offer ? &beat_ : nullptr; }
  [[nodiscard]] std::uint32_t host_message_errors() const { return errors_; }

  void reset();
  /// Octet 4k in bits 7:0 of word k. Not cleared by reset.
  void write_framing(unsigned word, std::uint32_t value);
  /// `taken`: the beat of a host message taken in this cycle. `message_waits`: the head of H begins one. `moved`: the
  /// arbiter takes the beat offered.
  void clock(const StreamSource* taken, bool message_waits, const WakeupJob* job, bool moved,
             const Configuration& config) {
    ++cycle_;
    const bool begins = message_waits && state_ == State::idle;
    if (taken == nullptr && !begins && job == nullptr && !moved && cycle_ < act_at_) return;
    step(taken, message_waits, job, moved, config);
  }

 private:
  enum class State : std::uint8_t { idle, fill, check, framing, offer, done };
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  void step(const StreamSource* taken, bool message_waits, const WakeupJob* job, bool moved,
            const Configuration& config);
  void begin_fill();
  void fill(const StreamSource& beat);
  void check(const Configuration& config);
  void frame(const net::Address& client, unsigned hop, Bytes payload, const Configuration& config);
  void show();

  std::uint64_t cycle_ = 0;
  std::uint64_t act_at_ = kNever;  // end of Check, Framing or done
  State state_ = State::idle;
  std::uint32_t errors_ = 0;
  std::array<std::uint8_t, 4 * kFramingWords> framing_{};
  Bytes message_;  // of the host, as far as one can be good
  bool too_long_ = false;
  Bytes frame_;
  std::size_t sent_ = 0;
  StreamSource beat_;
};

}  // namespace reveille::core
