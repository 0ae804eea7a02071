// SPDX-License-Identifier: Apache-2.0
#include "core/frame_buffer.hpp"

namespace reveille::core {

void FrameBuffer::reset() {
  written_ = committed_ = read_ = freed_ = 0;
  visible_.fill(0);
  overrun_ = wide_ = false;
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
    if (beat.last) committed_ = written_;
  }
  overrun_ = refused && !beat.last;
  wide_ = wide && !beat.last;
}

void FrameBuffer::clock(const StreamSource& beat, const FrameVerdict& verdict, bool host_ready) {
  const bool handed_over = offered_.valid && host_ready;
  if (beat.valid) write(beat, verdict);
  freed_ = read_;
  if (handed_over) ++read_;

  // Of cycle C+4: what was committed in C or before.
  visible_[phase_ % 4] = committed_;
  ++phase_;
  const std::uint32_t visible = visible_[phase_ % 4];
  if (offered_.valid && !handed_over) return;
  if (read_ == visible) {
    if (offered_.valid) offered_ = {};
    return;
  }
  const Stored& stored = memory_[read_ % kBeats];
  offered_ = {true, stored.data, stored.keep, stored.last,
              stored.last ? static_cast<std::uint8_t>(stored.verdict) : std::uint8_t{0}};
}

}  // namespace reveille::core
