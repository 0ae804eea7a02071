// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "model/core/support.hpp"

namespace reveille::sim::test {

/// What a host sends on s_axis_host, beat behind beat without a pause: the longest messages, passing frames of one
/// length, or both. Between two messages the passing frames are so many, and the first of them is of such a length,
/// that one of them is under way whenever the framer has a frame.
class HostTraffic {
 public:
  struct Mix {
    std::string name;
    bool messages = false;
    unsigned passing = 0;  ///< beats of a passing frame; 0: none
  };

  explicit HostTraffic(const Mix& mix) : mix_(mix) {
    Bytes message(32 + 1449, 0x5a);
    const net::Address client = net::Address::parse("2001:db8:77::1");
    std::copy(client.octets.begin(), client.octets.end(), message.begin());
    const Bytes header{3, 1, 0x10, 1};  // AP Reply; next hop 1, which has a tag
    std::copy(header.begin(), header.end(), message.begin() + 16);
    message_ = core::test::beats(message, 1);
  }

  /// Drives the beat of cycle `now`; `ready`: it is accepted.
  void drive(core::Inputs& in, bool ready, std::uint64_t now) {
    if (at_ == length_ && !begin()) return;
    in.host_tx = beat();
    if (is_message_ && at_ == 0 && !offered_) offered_ = now;
    if (!ready) return;
    // Queue H holds two beats: it takes the third of a message when the framer has taken the first (B8).
    if (is_message_ && at_ == 2) {
      message_wait = std::max(message_wait, now - 1 - *offered_);
      offered_.reset();
    }
    if (++at_ == length_) ++frames;
  }
  /// Ends with the frame under way.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool done() const { return stopped_ && at_ == length_; }

  std::uint64_t frames = 0;        ///< sent
  std::uint64_t message_wait = 0;  ///< the longest, until the framer took one

 private:
  // The framer offers a message's frame, of 1,518 octets, 3,064 cycles after the last beat (E6, E8), and the longest
  // Wake Up's 432 cycles after the end of the frame before.
  static constexpr unsigned before_message = 3060;
  static constexpr unsigned before_wakeup = 428;

  bool begin() {
    if (stopped_) return false;
    at_ = 0;
    is_message_ = mix_.messages && passing_.empty();
    if (!mix_.messages) passing_.push_back(mix_.passing);
    if (is_message_) {
      length_ = message_.size();
      if (mix_.passing != 0) arrange();
    } else {
      length_ = passing_.front();
      passing_.pop_front();
    }
    return true;
  }
  void arrange() {
    if (before_message % mix_.passing != 0) passing_.push_back(before_message % mix_.passing);
    passing_.insert(passing_.end(), before_message / mix_.passing + 1, mix_.passing);
    passing_.insert(passing_.end(), {before_wakeup, mix_.passing});
  }
  [[nodiscard]] core::StreamSource beat() const {
    if (is_message_) return message_[at_];
    return {true, 0x0102030405060708 + at_, 0xFF, at_ + 1 == length_, 0};
  }

  Mix mix_;
  std::vector<core::StreamSource> message_;
  bool stopped_ = false;
  bool is_message_ = false;
  std::deque<unsigned> passing_;  // beats of the passing frames until the next message
  std::size_t at_ = 0;
  std::size_t length_ = 0;
  std::optional<std::uint64_t> offered_;
};

}  // namespace reveille::sim::test
