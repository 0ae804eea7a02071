// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "model/core/support.hpp"

namespace reveille::sim::test {

/// A frame that is judged and looked up, over and over: every `spacing` cycles from first beat to first beat, or at
/// random distances of that mean.
class Flood {
 public:
  Flood(std::vector<core::StreamSource> beats, unsigned spacing, bool jittered, std::uint64_t seed)
      : beats_(std::move(beats)), spacing_(std::max<unsigned>(spacing, length())), jittered_(jittered), random_(seed) {}

  void drive(core::Inputs& in) {
    if (at_ == 0 && wait_ != 0) {
      --wait_;
      return;
    }
    if (at_ == 0) distance_ = jittered_ ? length() + random_() % (2 * (spacing_ - length()) + 1) : spacing_;
    in.net_rx = beats_[at_++];
    if (at_ < beats_.size()) return;
    at_ = 0;
    wait_ = distance_ - length();
  }

 private:
  [[nodiscard]] unsigned length() const { return static_cast<unsigned>(beats_.size()); }

  std::vector<core::StreamSource> beats_;
  unsigned spacing_;
  bool jittered_;
  std::mt19937_64 random_;
  std::size_t at_ = 0;
  std::uint64_t distance_ = 0;
  std::uint64_t wait_ = 0;
};

enum class Shape { ipv4, ipv6, ipv6_tagged };

inline std::vector<core::StreamSource> flood_frame(Shape shape, const net::Address& source) {
  net::UdpFrame frame = shape == Shape::ipv4 ? core::test::to_server4(core::test::ap_request(0xDEAD, 0, 0))
                                             : core::test::to_server6(core::test::ap_request(0xDEAD, 0, 0));
  frame.source = source;
  if (shape == Shape::ipv6_tagged) frame.tags = {{0x88A8, 5}, {0x8100, 7}};
  return core::test::beats(net::build(frame));
}

}  // namespace reveille::sim::test
