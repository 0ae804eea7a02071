// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <queue>
#include <vector>

#include "capture/capture_writer.hpp"
#include "report/exchange.hpp"
#include "story/recorded_frame.hpp"

namespace reveille::sim {

/// The captures of a run, written while it goes on: `network.pcapng` with every frame that an ordinary decoder has
/// nothing to complain about, and `malformed.pcapng` with those of the flood that are wrong on purpose. Interfaces: 0
/// network, 1 host, 2 kdc, 3 media. They appear with commit().
class CaptureFiles {
 public:
  explicit CaptureFiles(const std::filesystem::path& folder);
  /// Before the first frame: the time, in nanoseconds since 1970, at which times of frames begin, and what hosts are
  /// called.
  void begin(std::uint64_t begin_ns, const HostNames& names);
  /// As the recorder hands them on; in the files they are in order of time.
  void add(RecordedFrame frame);
  void commit();
  /// Of the frame that was the `index`-th to be added, from 0; after commit().
  [[nodiscard]] FramePlace place(std::uint64_t index) const;

 private:
  struct Waiting {
    RecordedFrame frame;
    std::uint64_t order;  ///< of add(); settles equal times
    bool operator>(const Waiting& other) const {
      return frame.time_ns != other.frame.time_ns ? frame.time_ns > other.frame.time_ns : order > other.order;
    }
  };
  struct File {
    const char* name;
    PcapngWriter writer;
    std::uint64_t frames = 0;
  };
  void write_first();

  std::array<File, 2> files_;                                   ///< network, malformed
  std::vector<std::pair<std::uint8_t, std::uint64_t>> places_;  ///< by order: which file, and the number in it
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::uint64_t begin_ns_ = 0;
  std::uint64_t newest_ns_ = 0;
  std::uint64_t order_ = 0;
};

}  // namespace reveille::sim
