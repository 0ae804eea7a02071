// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "report/run_report.hpp"
#include "story/core_site.hpp"
#include "story/exchange_log.hpp"
#include "story/recorded_frame.hpp"
#include "story/session_log.hpp"

namespace reveille::sim {

/// The KDC as CTAs of IPv6 see it in the captures; the story's network knows but one address of it.
net::Address kdc_ipv6();

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
  /// A datagram between a CTA and the KDC, another CTA, or anybody else, as the CTA sees it.
  void at_cta(const nodes::Datagram& datagram, bool outgoing, const sc_core::sc_time& time);
  /// A session was established.
  void established(const sc_core::sc_time& time);
  /// What the host told the core between the frames.
  [[nodiscard]] SessionLog& sessions() { return sessions_; }
  [[nodiscard]] ExchangeLog& exchanges() { return exchanges_; }

 private:
  [[nodiscard]] std::size_t slice_of(const sc_core::sc_time& time) const;
  void keep(const sc_core::sc_time& time, RecordedFrame frame);
  void hand_on(RecordedFrame frame);

  RunReport& report_;
  const ServerHost& host_;
  bool keep_all_;
  sc_core::sc_time slice_;
  Sink sink_;
  SessionLog sessions_;
  ExchangeLog exchanges_;
  std::uint64_t handed_on_ = 0;
  std::map<std::pair<Attack, Verdict>, std::uint64_t> seen_;
  std::uint64_t holes_delivered_ = 0;
};

}  // namespace reveille::sim
