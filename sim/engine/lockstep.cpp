// SPDX-License-Identifier: Apache-2.0
#include "engine/lockstep.hpp"

#include <algorithm>
#include <cstdio>

#include "reveille/core/types.hpp"
#include "reveille/verdict.hpp"

namespace reveille::sim {
namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// What no verdict has as its code stays a number.
std::string verdict_name(std::uint64_t value) {
  return value < kVerdictCount ? std::string(kVerdictNames[value]) : hexadecimal(value);
}

struct Signal {
  const char* name;
  const char* rule;
  std::uint64_t (*value)(const core::Outputs&);
  std::string (*text)(std::uint64_t) = hexadecimal;
};

// The order decides which signal is named where several differ in one cycle: what happens first in the core comes
// first.
constexpr Signal signals[] = {
    {"s_axis_net_tready", "T1", [](const core::Outputs& o) -> std::uint64_t { return o.net_rx_ready; }},
    {"verdict_valid", "T4", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_valid; }},
    {"verdict_code", "T4 V2", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_code; }, verdict_name},
    {"verdict_pass", "T4 V2", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_pass; }},
    {"verdict_lost", "T4 I5", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_lost; }},
    {"verdict_source[127:96]", "T4 I3", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_source[0]; }},
    {"verdict_source[95:64]", "T4 I3", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_source[1]; }},
    {"verdict_source[63:32]", "T4 I3", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_source[2]; }},
    {"verdict_source[31:0]", "T4 I3", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_source[3]; }},
    {"verdict_value", "T4 I3", [](const core::Outputs& o) -> std::uint64_t { return o.verdict_value; }},
    {"m_axis_host_tvalid", "T6 I6", [](const core::Outputs& o) -> std::uint64_t { return o.host_rx.valid; }},
    {"m_axis_host_tdata", "T6 I5", [](const core::Outputs& o) -> std::uint64_t { return o.host_rx.data; }},
    {"m_axis_host_tkeep", "T6 I5", [](const core::Outputs& o) -> std::uint64_t { return o.host_rx.keep; }},
    {"m_axis_host_tlast", "T6 I5", [](const core::Outputs& o) -> std::uint64_t { return o.host_rx.last; }},
    {"m_axis_host_tuser", "T6 I5", [](const core::Outputs& o) -> std::uint64_t { return o.host_rx.user; }},
    {"s_axis_host_tready", "T7 E1", [](const core::Outputs& o) -> std::uint64_t { return o.host_tx_ready; }},
    {"m_axis_net_tvalid", "T7 E2", [](const core::Outputs& o) -> std::uint64_t { return o.net_tx.valid; }},
    {"m_axis_net_tdata", "T7 E2", [](const core::Outputs& o) -> std::uint64_t { return o.net_tx.data; }},
    {"m_axis_net_tkeep", "T7 E2", [](const core::Outputs& o) -> std::uint64_t { return o.net_tx.keep; }},
    {"m_axis_net_tlast", "T7 E2", [](const core::Outputs& o) -> std::uint64_t { return o.net_tx.last; }},
    {"s_axis_entropy_tready", "T9 G2", [](const core::Outputs& o) -> std::uint64_t { return o.entropy_ready; }},
    {"s_axil_awready", "T8 H2", [](const core::Outputs& o) -> std::uint64_t { return o.awready; }},
    {"s_axil_wready", "T8 H2", [](const core::Outputs& o) -> std::uint64_t { return o.wready; }},
    {"s_axil_arready", "T8 H2", [](const core::Outputs& o) -> std::uint64_t { return o.arready; }},
    {"s_axil_bvalid", "T8 H5", [](const core::Outputs& o) -> std::uint64_t { return o.bvalid; }},
    {"s_axil_bresp", "T8 H5", [](const core::Outputs& o) -> std::uint64_t { return o.bresp; }},
    {"s_axil_rvalid", "T8 H5", [](const core::Outputs& o) -> std::uint64_t { return o.rvalid; }},
    {"s_axil_rresp", "T8 H5", [](const core::Outputs& o) -> std::uint64_t { return o.rresp; }},
    {"s_axil_rdata", "T8 H4", [](const core::Outputs& o) -> std::uint64_t { return o.rdata; }},
    {"irq", "T8 H9", [](const core::Outputs& o) -> std::uint64_t { return o.irq; }},
};

}  // namespace

std::string format(const LockstepDifference& difference) {
  return "MISMATCH cycle=" + std::to_string(difference.cycle) + " signal=" + difference.signal +
         " rtl=" + difference.rtl + " model=" + difference.model + " rule=" + difference.rule +
         " seed=" + std::to_string(difference.seed);
}

Lockstep::Lockstep(core::CoreInterface& rtl, core::CoreInterface& model, std::uint64_t seed)
    : rtl_(rtl), model_(model), seed_(seed) {}

void Lockstep::clock() {
  if (cycle_ == 0) compare();
  if (inputs.net_rx.valid && rtl_.outputs().net_rx_ready) record(RecentFrame::Port::net, inputs.net_rx);
  if (inputs.host_tx.valid && rtl_.outputs().host_tx_ready) record(RecentFrame::Port::host, inputs.host_tx);
  rtl_.inputs = inputs;
  model_.inputs = inputs;
  rtl_.clock();
  model_.clock();
  ++cycle_;
  compare();
}

void Lockstep::compare() {
  const core::Outputs& rtl = rtl_.outputs();
  const core::Outputs& model = model_.outputs();
  if (rtl == model) return;
  for (const Signal& signal : signals) {
    const std::uint64_t of_rtl = signal.value(rtl);
    const std::uint64_t of_model = signal.value(model);
    if (of_rtl != of_model) {
      throw LockstepError({cycle_, signal.name, signal.text(of_rtl), signal.text(of_model), signal.rule, seed_});
    }
  }
  throw Error(ErrorKind::internal, "lockstep: outputs differ in a signal without a name");
}

void Lockstep::record(RecentFrame::Port port, const core::StreamSource& beat) {
  constexpr std::size_t kept_octets = 16384;
  std::optional<std::size_t>& under_way = under_way_[static_cast<std::size_t>(port)];
  if (!under_way) {
    // The slot of a frame that is still on its way in at the other port is passed over.
    if (under_way_[1 - static_cast<std::size_t>(port)] == next_frame_) next_frame_ = (next_frame_ + 1) % kRecentFrames;
    under_way = next_frame_;
    next_frame_ = (next_frame_ + 1) % kRecentFrames;
    RecentFrame& frame = frames_[*under_way];
    frame.port = port;
    frame.first_cycle = cycle_;
    frame.complete = false;
    frame.octets.clear();
  }
  RecentFrame& frame = frames_[*under_way];
  frame.last_cycle = cycle_;
  for (unsigned i = 0; i < 8 && frame.octets.size() < kept_octets; ++i) {
    if (!beat.last || (beat.keep >> i & 1) != 0) frame.octets.push_back(static_cast<std::uint8_t>(beat.data >> 8 * i));
  }
  if (beat.last) {
    frame.complete = true;
    under_way.reset();
  }
}

std::vector<RecentFrame> Lockstep::recent_frames() const {
  std::vector<RecentFrame> out;
  for (const RecentFrame& frame : frames_) {
    if (!frame.octets.empty()) out.push_back(frame);
  }
  std::sort(out.begin(), out.end(),
            [](const RecentFrame& a, const RecentFrame& b) { return a.first_cycle < b.first_cycle; });
  return out;
}

std::optional<RecentFrame> Lockstep::judged_frame() const {
  std::optional<RecentFrame> last;
  for (const RecentFrame& frame : recent_frames()) {
    if (frame.port == RecentFrame::Port::net && frame.complete && frame.last_cycle + core::kVerdictLatency <= cycle_)
      last = frame;
  }
  return last;
}

}  // namespace reveille::sim
