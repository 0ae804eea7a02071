// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "report/run_report.hpp"
#include "story/core_site.hpp"
#include "story/session_log.hpp"

namespace reveille::sim {

/// A frame kept for the capture.
struct RecordedFrame {
  enum class Side { network, host, kdc };
  std::uint64_t time_ns = 0;
  Side side = Side::network;
  bool outgoing = false;     ///< from the core's point of view
  bool well_formed = false;  ///< a key-management message that decodes, or no key management at all
  bool hostile = false;      ///< an attacker sent it
  std::string comment = {};
  Bytes octets = {};
};

/// The KDC as CTAs of IPv6 see it in the captures; the story's network knows but one address of it.
net::Address kdc_ipv6();
/// A datagram between a CTA and the KDC as a frame on the KDC's own link; nothing if it is no such one.
std::optional<RecordedFrame> kdc_frame(const nodes::Datagram& datagram, bool to_kdc, std::uint64_t time_ns);

/// Counts what passes the core into a RunReport, and hands on what the capture is to hold: every true frame, of the
/// flood, and of the attack `holes` at the host, what changed a session, the first `first_of_kind` of each attack and
/// verdict and then every `flood_stride`-th; or everything. Frames are handed on when they are over, so one that began
/// earlier may come later.
class Recorder final : public CoreObserver {
 public:
  static constexpr std::uint64_t first_of_kind = 8;
  static constexpr std::uint64_t flood_stride = 2'000;
  using Sink = std::function<void(RecordedFrame)>;

  Recorder(RunReport& report, const ServerHost& host, bool keep_all, const sc_core::sc_time& duration, unsigned slices,
           Sink sink);

  void judged(const LineFrame& frame, Verdict verdict, bool pass, bool lost) override;
  void delivered(const Bytes& frame, Verdict verdict, const Hole* hole, const sc_core::sc_time& time) override;
  void transmitted(const Bytes& frame, const sc_core::sc_time& time) override;
  /// A session was established.
  void established(const sc_core::sc_time& time);
  /// What the host told the core between the frames.
  [[nodiscard]] SessionLog& sessions() { return sessions_; }

 private:
  [[nodiscard]] std::size_t slice_of(const sc_core::sc_time& time) const;
  void keep(const sc_core::sc_time& time, RecordedFrame frame);

  RunReport& report_;
  const ServerHost& host_;
  bool keep_all_;
  sc_core::sc_time slice_;
  Sink sink_;
  SessionLog sessions_;
  std::map<std::pair<Attack, Verdict>, std::uint64_t> seen_;
  std::uint64_t holes_delivered_ = 0;
};

}  // namespace reveille::sim
