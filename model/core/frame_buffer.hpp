// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/frame_delay.hpp"
#include "reveille/core/in_band_header.hpp"
#include "reveille/core/types.hpp"

namespace reveille::core {

/// The verdict as the frame buffer sees it, in the cycle of the frame's last beat.
struct FrameVerdict {
  bool valid = false;
  bool pass = false;
  bool oversize = false;
  Verdict code = Verdict::bypass;
  bool operator==(const FrameVerdict&) const = default;
};

/// Keeps frames until their verdict, and hands the committed ones to the host (docs/timing/ingress.md: I5, I6, "Frame
/// buffer").
class FrameBuffer {
 public:
  static constexpr unsigned kBeats = config::kFrameBufferBeats;
  static constexpr unsigned kReserved = config::kFrameBufferReserve;  ///< for `accepted`, `resend` and `sa_recovered`

  /// m_axis_host in this cycle.
  [[nodiscard]] const StreamSource& host() const { return offered_; }
  /// frame_lost of the verdict cycle.
  [[nodiscard]] bool lost(const FrameVerdict& verdict) const {
    if (!verdict.valid) return false;
    return verdict.oversize || (verdict.pass && (overrun_ || full() || (!may_be_wide(verdict.code) && is_wide())));
  }

  void reset();
  /// `beat` is what leaves the frame delay.
  void clock(const StreamSource& beat, const FrameVerdict& verdict, bool host_ready);
  /// For how many cycles `stream` may stand for `clock` if none of them brings a verdict, whatever the host takes.
  [[nodiscard]] std::size_t cycles_to_stream() const;
  /// A cycle for each eight of `octets`, which go into the delay. What is handed over to the host is added to `host`.
  void stream(FrameDelay& delay, ByteView octets, bool host_ready, std::vector<StreamSource>& host);
  bool operator==(const FrameBuffer&) const = default;

 private:
  struct Stored {
    std::uint64_t data = 0;
    std::uint8_t keep = 0;
    bool last = false;
    Verdict verdict = Verdict::bypass;  // in the first and the last beat of a frame
    bool operator==(const Stored&) const = default;
  };
  static constexpr unsigned kFullAt = kBeats - 4;  // room for what was written in the last cycles
  static constexpr unsigned kOccupancyLag = 3;
  static constexpr unsigned kCommitLatency = 5;  // from a commit to the first cycle that may offer it
  static constexpr unsigned kHistory = 8;

  /// As it was three cycles ago.
  [[nodiscard]] std::uint32_t occupancy() const { return occupancies_[(cycle_ - kOccupancyLag) % kHistory]; }
  [[nodiscard]] bool full() const { return occupancy() >= kFullAt; }
  /// This beat included.
  [[nodiscard]] bool is_wide() const { return wide_ || occupancy() >= kBeats - kReserved; }
  static bool may_be_wide(Verdict code) { return code != Verdict::bypass && code != Verdict::client_initiated; }
  void write(const StreamSource& beat, const FrameVerdict& verdict);
  void append(const StreamSource& beat) {
    if (beat.valid) memory_[written_++ % kBeats] = {beat.data, 0xFF, false, Verdict::bypass};
  }
  /// The end of a cycle, and m_axis_host of the next one.
  void end_cycle(bool handed_over);
  void hand_over() {
    if (header_next_) {
      header_next_ = false;
    } else {
      header_next_ = kInBandHeader && offered_.last;
      ++read_;
    }
  }
  [[nodiscard]] StreamSource next() const {
    const Stored& stored = memory_[read_ % kBeats];
    const auto verdict = static_cast<std::uint8_t>(stored.verdict);
    if (header_next_) return rx_header(verdict);
    return {true, stored.data, stored.keep, stored.last, stored.last ? verdict : std::uint8_t{0}};
  }

  // Counts of beats, wrapping; a place in the memory is a count modulo its size.
  std::uint32_t written_ = 0;
  std::uint32_t committed_ = 0;
  std::uint32_t read_ = 0;                             // the beat offered, or to be offered next
  std::uint32_t cycle_ = 0;                            // this one's, of the two below; wrapping
  std::array<std::uint32_t, kHistory> occupancies_{};  // at the beginning of each of the last cycles
  std::array<std::uint32_t, kHistory> commits_{};      // `committed_` at the end of each of them
  bool overrun_ = false;                               // an earlier beat of this frame was refused
  bool wide_ = false;                                  // an earlier beat of this frame met the reserve
  bool header_next_ = kInBandHeader;                   // a header is offered, or to be offered next
  StreamSource offered_;
  std::array<Stored, kBeats> memory_{};
};

}  // namespace reveille::core
