// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/frame_buffer.hpp"

namespace reveille::core {

void FrameBuffer::reset() {
  written_ = committed_ = read_ = 0;
  occupancies_.fill(0);
  commits_.fill(0);
  overrun_ = wide_ = false;
  header_next_ = kInBandHeader;
  offered_ = {};
}

void FrameBuffer::write(const StreamSource& beat, const FrameVerdict& verdict) {
  const bool refused = overrun_ || full();
  const bool wide = is_wide();
  if (beat.last && (!verdict.pass || lost(verdict))) {
    written_ = committed_;  // rolled back, this beat not written
  } else if (!refused) {
    memory_[written_ % kBeats] = {beat.data, beat.last ? beat.keep : std::uint8_t{0xFF}, beat.last, verdict.code};
    ++written_;
    if (beat.last) {
      memory_[committed_ % kBeats].verdict = verdict.code;
      committed_ = written_;
    }
  }
  overrun_ = refused && !beat.last;
  wide_ = wide && !beat.last;
}

void FrameBuffer::clock(const StreamSource& beat, const FrameVerdict& verdict, bool host_ready) {
  const bool handed_over = offered_.valid && host_ready;
  if (beat.valid) write(beat, verdict);
  if (handed_over && header_next_) {
    header_next_ = false;
  } else if (handed_over) {
    header_next_ = kInBandHeader && offered_.last;
    ++read_;
  }
  commits_[cycle_ % kHistory] = committed_;
  ++cycle_;
  occupancies_[cycle_ % kHistory] = written_ - read_;

  const std::uint32_t visible = commits_[(cycle_ - kCommitLatency) % kHistory];
  if (offered_.valid && !handed_over) return;
  if (read_ == visible) {
    if (offered_.valid) offered_ = {};
    return;
  }
  offered_ = next();
}

StreamSource FrameBuffer::next() const {
  const Stored& stored = memory_[read_ % kBeats];
  const auto verdict = static_cast<std::uint8_t>(stored.verdict);
  if (header_next_) return rx_header(verdict);
  return {true, stored.data, stored.keep, stored.last, stored.last ? verdict : std::uint8_t{0}};
}

}  // namespace reveille::core
