// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "reveille/common/bytes.hpp"
#include "reveille/core/in_band_header.hpp"
#include "reveille/core/ports.hpp"

namespace reveille::sim {

/// Plays one frame after another onto a 64-bit AXI4-Stream, a beat a cycle.
class FrameSender {
 public:
  [[nodiscard]] bool idle() const { return position_ == frame_.size(); }
  /// Begins a frame; only while idle. It stays the sender's until the last beat is taken. `user` goes with every beat.
  void start(ByteView frame, std::uint8_t user = 0) {
    frame_.assign(frame.begin(), frame.end());
    position_ = 0;
    user_ = user;
  }
  /// The beat of this cycle; not valid while idle.
  [[nodiscard]] core::StreamSource beat() const {
    core::StreamSource beat;
    if (idle()) return beat;
    const std::size_t count = std::min<std::size_t>(8, frame_.size() - position_);
    beat.valid = true;
    const std::uint8_t* octets = frame_.data() + position_;
    beat.data = count == 8 ? word(octets, 8) : word(octets, count);  // the first is one load
    beat.keep = static_cast<std::uint8_t>(0xFFU >> (8 - count));
    beat.last = position_ + count == frame_.size();
    beat.user = user_;
    return beat;
  }
  /// The beat of this cycle was taken.
  void advance() { position_ = std::min(position_ + 8, frame_.size()); }
  void advance(std::size_t beats) { position_ += 8 * beats; }
  /// What is to come, but for the last beat.
  [[nodiscard]] ByteView before_last_beat() const {
    return idle() ? ByteView() : ByteView(frame_).subspan(position_, (frame_.size() - position_ - 1) / 8 * 8);
  }
  [[nodiscard]] bool at_first_beat() const { return position_ == 0 && !frame_.empty(); }
  [[nodiscard]] const Bytes& frame() const { return frame_; }

 private:
  static std::uint64_t word(const std::uint8_t* octets, std::size_t count) {
    std::uint64_t data = 0;
    for (std::size_t i = 0; i < count; ++i) data |= std::uint64_t{octets[i]} << (8 * i);
    return data;
  }

  Bytes frame_;
  std::size_t position_ = 0;
  std::uint8_t user_ = 0;
};

/// Puts the beats of a stream together again.
class FrameCollector {
 public:
  /// True when `beat`, which was handed over, ends a frame; frame() is whole then, until the next take().
  bool take(const core::StreamSource& beat) {
    static_assert(std::endian::native == std::endian::little, "octet 0 of a beat is its lowest");
    if (octets_.size() < size_ + 8) octets_.resize(2 * (size_ + 8));
    std::memcpy(octets_.data() + size_, &beat.data, 8);
    size_ += beat.keep == 0xFF ? 8 : static_cast<std::size_t>(std::popcount(beat.keep));  // the first ones
    if (!beat.last) return false;
    frame_.assign(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ = 0;
    return true;
  }
  [[nodiscard]] const Bytes& frame() const { return frame_; }

 private:
  Bytes octets_;  // as they come, and room
  std::size_t size_ = 0;
  Bytes frame_;
};

/// The same of m_axis_host, where a header may lead each frame (docs/architecture.md, A28).
class HostFrameCollector {
 public:
  bool take(const core::StreamSource& beat) { return !headers_.take(beat) && frames_.take(beat); }
  [[nodiscard]] const Bytes& frame() const { return frames_.frame(); }

 private:
  core::RxHeaders headers_;
  FrameCollector frames_;
};

}  // namespace reveille::sim
