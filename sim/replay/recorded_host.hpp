// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "replay/store_load.hpp"
#include "sessions_file.hpp"

namespace reveille::sim {

/// Plays the host of a replay whose sessions file says what the host did: `commands` of docs/replay.md.
class RecordedHost {
 public:
  RecordedHost(StoreLoad& store, const std::vector<RecordedCommand>& commands) : store_(store), commands_(commands) {}

  /// Every command up to `time_ns`, in front of a frame of that time. Times never go back.
  void perform(std::uint64_t time_ns);
  /// Says how many there were, and where the guard refused some, the first of those.
  void print(std::ostream& out) const;

 private:
  ResultCode perform(const RecordedCommand& recorded, std::uint64_t time_us);

  StoreLoad& store_;
  const std::vector<RecordedCommand>& commands_;
  std::size_t next_ = 0;
  /// Of the commands that came to nothing: how many, and the first.
  struct Refused {
    std::size_t count = 0;
    std::size_t first = 0;
  };
  Refused no_room_;
  Refused refused_;  ///< all others
};

}  // namespace reveille::sim
