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

  /// Whether it takes the beat at the head of queue H in this cycle, if there is one (E4). `begins`: the first of its
  /// frame.
  [[nodiscard]] bool takes(const StreamSource* head, bool begins) const {
    return head != nullptr && (state_ == State::fill || (state_ == State::idle && is_message(*head, begins)));
  }
  [[nodiscard]] bool wakeup_ready(const StreamSource* head, bool begins) const {  // E5
    return state_ == State::idle && (head == nullptr || !is_message(*head, begins));
  }
  /// The beat offered to the arbiter, or null (E8).
  [[nodiscard]] const StreamSource* offered() const { return state_ == State::offer ? &beat_ : nullptr; }
  [[nodiscard]] std::uint32_t host_message_errors() const { return errors_; }

  void reset();
  /// Octet 4k in bits 7:0 of word k. Not cleared by reset.
  void write_framing(unsigned word, std::uint32_t value);
  /// `taken`: the beat of a host message taken in this cycle. `moved`: the arbiter takes the beat offered.
  void clock(const StreamSource* taken, const WakeupJob* job, bool moved, const Configuration& config) {
    ++cycle_;
    if (taken == nullptr && job == nullptr && !moved && cycle_ < act_at_) return;
    step(taken, job, moved, config);
  }

 private:
  enum class State : std::uint8_t { idle, fill, check, framing, offer };
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  static bool is_message(const StreamSource& head, bool begins) { return begins && (head.user & 1) != 0; }
  void step(const StreamSource* taken, const WakeupJob* job, bool moved, const Configuration& config);
  void fill(const StreamSource& beat);
  void check(const Configuration& config);
  void frame(const net::Address& client, unsigned hop, Bytes payload, const Configuration& config);
  void show();

  std::uint64_t cycle_ = 0;
  std::uint64_t act_at_ = kNever;  // end of Check or Framing
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
