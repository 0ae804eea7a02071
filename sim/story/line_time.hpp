// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace reveille::sim {

/// A 10 Gbit/s Ethernet line at 156.25 MHz, eight octet times a cycle: each frame takes its octets and FCS, 64 at
/// least, a preamble of 8 and a gap of 12. A frame begins with a cycle; what is lost by that the next gap makes good,
/// as the deficit idle count of IEEE 802.3 clause 46 does, so that the line's rate is kept.
class LineTime {
 public:
  static constexpr std::uint64_t octets_a_cycle = 8;
  /// What a frame takes; `octets` without FCS.
  static constexpr std::uint64_t taken(std::size_t octets) { return std::max<std::uint64_t>(64, octets + 4) + 8 + 12; }

  [[nodiscard]] bool free(std::uint64_t cycle) const { return cycle * octets_a_cycle >= free_; }
  /// A frame begins in this cycle, in which the line is free. Gives the octet time at which the line is free again.
  std::uint64_t take(std::uint64_t cycle, std::size_t octets) {
    const std::uint64_t now = cycle * octets_a_cycle;
    if (now >= free_ + octets_a_cycle) free_ = now;
    return free_ += taken(octets);
  }

 private:
  std::uint64_t free_ = 0;
};

}  // namespace reveille::sim
