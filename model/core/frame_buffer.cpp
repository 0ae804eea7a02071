// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/frame_buffer.hpp"

#include <algorithm>

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
  end_cycle(handed_over);
}

void FrameBuffer::end_cycle(bool handed_over) {
  if (handed_over) hand_over();
  commits_[cycle_ % kHistory] = committed_;
  ++cycle_;
  occupancies_[cycle_ % kHistory] = written_ - read_;

  const std::uint32_t visible = commits_[(cycle_ - kCommitLatency) % kHistory];
  if (offered_.valid && !handed_over) return;
  if (read_ != visible) {
    offered_ = next();
  } else if (offered_.valid) {
    offered_ = {};
  }
}

std::size_t FrameBuffer::cycles_to_stream() const {
  constexpr std::uint32_t narrow = std::min(kFullAt, kBeats - kReserved);
  const std::uint32_t most = std::max(std::ranges::max(occupancies_), written_ - read_);
  return overrun_ || wide_ || most >= narrow ? 0 : narrow - most;
}

// Step by step as long as what was committed before may not show yet, and at the end, where the history comes from.
void FrameBuffer::stream(FrameDelay& delay, ByteView octets, bool host_ready, std::vector<StreamSource>& host) {
  const std::size_t cycles = octets.size() / 8;
  constexpr std::size_t both_ends = std::size_t{2} * kHistory;
  const std::size_t between = cycles > both_ends ? cycles - both_ends : 0;
  const auto step = [&](std::size_t cycle) {
    const bool handed_over = offered_.valid && host_ready;
    if (handed_over) host.push_back(offered_);
    append(delay.exchange(octets.data() + 8 * cycle));
    end_cycle(handed_over);
  };
  const std::size_t head = between == 0 ? cycles : kHistory;
  for (std::size_t cycle = 0; cycle < head; ++cycle) step(cycle);
  if (between == 0) return;

  for (std::size_t cycle = head; cycle < head + between; ++cycle) append(delay.exchange(octets.data() + 8 * cycle));
  for (std::size_t left = host_ready ? between : 0; left != 0 && offered_.valid; --left) {
    host.push_back(offered_);
    hand_over();
    offered_ = read_ == committed_ ? StreamSource{} : next();
  }
  cycle_ += static_cast<std::uint32_t>(between);
  for (std::size_t cycle = head + between; cycle < cycles; ++cycle) step(cycle);
}

}  // namespace reveille::core
