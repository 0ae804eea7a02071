// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <iosfwd>

#include "live/interface.hpp"
#include "reveille/verdict.hpp"

namespace reveille::sim {

/// What has passed, and what was lost where; a line a second, and a table at the end.
class LiveTally {
 public:
  LiveTally(const Interface& net, const Interface& host) : net_(net), host_(host) {}

  void judged(Verdict verdict, bool lost) {
    ++now_.verdicts[index(verdict)];
    if (lost) ++now_.lost_in_core;
  }
  void to_host() { ++now_.to_host; }
  void from_host() { ++now_.from_host; }
  void to_net() { ++now_.to_net; }

  /// The line of the second that has passed since the last one.
  void print_line(std::ostream& out, double at, double seconds, std::size_t sessions);
  void print_summary(std::ostream& out, double seconds, std::uint64_t cycles) const;

 private:
  struct Counts {
    std::array<std::uint64_t, kVerdictCount> verdicts{};
    std::uint64_t lost_in_core = 0;
    std::uint64_t to_host = 0;
    std::uint64_t from_host = 0;
    std::uint64_t to_net = 0;
    [[nodiscard]] std::uint64_t frames() const;
  };
  [[nodiscard]] std::uint64_t lost() const;

  const Interface& net_;
  const Interface& host_;
  Counts now_;
  Counts before_;
  std::uint64_t lost_before_ = 0;
};

}  // namespace reveille::sim
