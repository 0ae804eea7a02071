// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <map>
#include <ostream>
#include <string>

#include "reveille/common/bytes.hpp"
#include "reveille/core/ports.hpp"
#include "reveille/core/register_map.hpp"
#include "reveille/core/types.hpp"
#include "reveille/verdict.hpp"

namespace reveille::sim::test {

/// Counts how often what docs/verification/covergroups.yaml lists came together, by what stands at the core's ports
/// in each cycle: bins of a group are named by their values, in the order of the list.
class CoverGroups {
 public:
  void see(const core::Inputs& in, const core::Outputs& out) {
    ++cycle_;
    if (!in.rst_n) {
      under_way_ = false;
      high_ = 0;
      frames_.clear();
      return;
    }
    if (out.verdict_valid && !frames_.empty()) {
      judged(frames_.front(), in, out);
      frames_.pop_front();
    }
    if (out.awready && in.awaddr == core::address::command) commanded(in);
    if (in.entropy_valid) last_noise_ = cycle_;
    // T10: nothing is accepted in the first three cycles.
    if (++high_ > 3 && in.net_rx.valid && out.net_rx_ready) arrived(in);
  }

  void write(std::ostream& out) const {
    for (const auto& [bin, times] : bins_) out << times << " " << bin << "\n";
  }

 private:
  struct Frame {
    Bytes octets;
    std::uint64_t time = 0;  ///< time_i with its first beat, and its last
    std::uint64_t end = 0;
  };
  using Values = std::initializer_list<std::string>;

  void count(const std::string& group, Values values) {
    std::string bin = group;
    for (const std::string& value : values) bin += "/" + value;
    ++bins_[bin];
  }
  void arrived(const core::Inputs& in) {
    if (!under_way_) frames_.push_back({{}, in.time_us, 0});
    Frame& frame = frames_.back();
    for (unsigned i = 0; i < 8; ++i) {
      if ((in.net_rx.keep >> i & 1) != 0) frame.octets.push_back(static_cast<std::uint8_t>(in.net_rx.data >> 8 * i));
    }
    frame.end = in.time_us;
    under_way_ = !in.net_rx.last;
  }
  void judged(const Frame& frame, const core::Inputs& in, const core::Outputs& out) {
    last_verdict_ = cycle_;
    const auto verdict = static_cast<Verdict>(out.verdict_code);
    const std::string name(kVerdictNames[out.verdict_code]);
    std::size_t type = 12;
    while (tag_at(frame.octets, type)) type += 4;
    const std::string tags = std::to_string((type - 12) / 4);
    if (type - 12 <= 8) count("headers", {name, family(frame.octets, type), tags});
    if (out.verdict_pass) count("host", {name, out.verdict_lost ? "lost" : in.host_rx_ready ? "ready" : "stalled"});
    if (verdict < Verdict::client_initiated || out.verdict_lost) return;
    const std::uint64_t passed = frame.end - frame.time;
    count("time", {name, passed == 0 ? "still" : passed == 1 ? "one on" : "jumps"});
    const std::uint64_t apart = cycle_ - last_lookup_;
    const std::string spacing = apart < 16 ? std::to_string(apart) : "more";
    count("look-ups", {spacing, out.verdict_source == last_client_ ? "same client" : "another"});
    last_lookup_ = cycle_;
    last_client_ = out.verdict_source;
    if (verdict >= Verdict::accepted || verdict == Verdict::false_nonce || verdict == Verdict::repeat)
      count("ends", {name, std::to_string(frame.octets.size() % 8)});
  }
  void commanded(const core::Inputs& in) {
    static constexpr std::array names = {"none",  "wake",    "reply", "reject",
                                         "close", "restore", "read",  "read_location"};
    count("commands", {names[in.wdata & 7], cycle_ - last_verdict_ < 16 ? "among frames" : "alone",
                       cycle_ - last_noise_ < 16 ? "noise" : "no noise"});
  }
  static bool tag_at(const Bytes& octets, std::size_t at) {
    if (octets.size() < at + 4) return false;
    const unsigned type = octets[at] << 8 | octets[at + 1];
    return type == 0x8100 || type == 0x88A8;
  }
  static std::string family(const Bytes& octets, std::size_t at) {
    const unsigned type = octets.size() < at + 2 ? 0 : octets[at] << 8 | octets[at + 1];
    return type == 0x0800 ? "IPv4" : type == 0x86DD ? "IPv6" : "other";
  }

  std::map<std::string, std::uint64_t> bins_;
  std::deque<Frame> frames_;  // without a verdict
  bool under_way_ = false;    // the last of them
  unsigned high_ = 0;         // cycles since reset
  std::uint64_t cycle_ = 1000;
  std::uint64_t last_verdict_ = 0, last_lookup_ = 0, last_noise_ = 0;
  std::array<std::uint32_t, 4> last_client_{};
};

}  // namespace reveille::sim::test
