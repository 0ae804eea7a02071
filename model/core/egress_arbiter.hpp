// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/in_band_header.hpp"
#include "reveille/core/types.hpp"

namespace reveille::core {

/// Two beats deep (docs/timing/egress.md).
class BeatQueue {
 public:
  [[nodiscard]] bool has_room() const { return size_ < 2; }
  [[nodiscard]] const StreamSource* head() const { return size_ == 0 ? nullptr : &beats_[first_]; }
  void pop() {
    first_ ^= 1;
    --size_;
  }
  void push(const StreamSource& beat) { beats_[(first_ + size_++) & 1] = beat; }
  void clear() { size_ = 0; }
  bool operator==(const BeatQueue&) const = default;

 private:
  std::array<StreamSource, 2> beats_{};
  unsigned first_ = 0;
  unsigned size_ = 0;
};

/// Queue H and register N, and the choice between passing frames and the framer's (docs/timing/egress.md, E1 to E3).
class EgressArbiter {
 public:
  [[nodiscard]] bool host_ready() const { return host_.has_room(); }
  /// The beat offered, or one that is not valid.
  [[nodiscard]] const StreamSource& net() const { return net_; }
  [[nodiscard]] const StreamSource* host_head() const { return host_.head(); }
  /// The head of H begins a host message.
  [[nodiscard]] bool message_waits() const {
    return host_.head() != nullptr && host_begins_ && (host_.head()->user & 1) != 0;
  }
  /// Whether a beat of the framer is moved in this cycle.
  [[nodiscard]] bool moves_framer(const StreamSource* offered, bool net_ready) const {
    return offered != nullptr && has_room(net_ready) && under_way_ != UnderWay::host;
  }

  /// It holds no beat: `clock` changes nothing while none comes.
  [[nodiscard]] bool empty() const { return host_.head() == nullptr && !net_.valid; }

  void reset() {
    host_.clear();
    net_ = {};
    host_begins_ = true;
    header_next_ = kInBandHeader;
    under_way_ = UnderWay::none;
  }
  /// `offered`: by the framer. `framer_takes`: it takes the head of H.
  void clock(const StreamSource& host, bool net_ready, const StreamSource* offered, bool framer_takes);
  bool operator==(const EgressArbiter&) const = default;

 private:
  enum class UnderWay : std::uint8_t { none, framer, host };
  /// Queue N: one beat deep.
  [[nodiscard]] bool has_room(bool net_ready) const { return !net_.valid || net_ready; }

  /// A header tells what the frame behind it is, and goes no further.
  void accept(StreamSource beat) {
    if (kInBandHeader) {
      const bool is_header = header_next_;
      header_next_ = beat.last;
      if (is_header) {
        message_ = announces_message(beat);
        return;
      }
      beat.user = message_ ? 1 : 0;
    }
    host_.push(beat);
  }

  BeatQueue host_;
  StreamSource net_;
  bool header_next_ = kInBandHeader;  // of the beats accepted
  bool message_ = false;              // what the last header said
  bool host_begins_ = true;
  UnderWay under_way_ = UnderWay::none;
};

inline void EgressArbiter::clock(const StreamSource& host, bool net_ready, const StreamSource* offered,
                                 bool framer_takes) {
  const bool accepts = host.valid && host_.has_room();
  const StreamSource* head = host_.head();
  const bool moves_offered = moves_framer(offered, net_ready);
  const bool moves_host =
      !moves_offered && head != nullptr && has_room(net_ready) &&
      (under_way_ == UnderWay::host || (under_way_ == UnderWay::none && host_begins_ && (head->user & 1) == 0));

  if (moves_offered || moves_host) {
    net_ = moves_offered ? *offered : *head;
    net_.user = 0;
    under_way_ = net_.last ? UnderWay::none : moves_offered ? UnderWay::framer : UnderWay::host;
  } else if (net_.valid && net_ready) {
    net_ = {};
  }
  if (moves_host || framer_takes) {
    host_begins_ = head->last;
    host_.pop();
  }
  if (accepts) accept(host);
}

}  // namespace reveille::core
