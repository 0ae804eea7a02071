// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/call_agent.hpp"
#include "call/telephone.hpp"
#include "report/run_report.hpp"
#include "story/nodes.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// The last act of a story: two CTAs that are established place a call, signalled under their associations, and speak
/// to each other in SRTP; somebody overhears all of it. A machine without a clock, as the nodes.
class CallAct {
 public:
  /// What the controller says to a client, under its association.
  using Say = CallAgent::Say;
  /// `on_changed`: deadline() may be another. Both are kept.
  CallAct(const Scenario& scenario, CtaModule& caller, CtaModule& called, Say say, std::function<void()> on_changed);

  void begin();
  void notified(const net::Address& client, const std::string& event, nodes::Time now);
  void answered(const net::Address& client, std::uint32_t transaction, nodes::Time now);
  [[nodiscard]] std::optional<nodes::Time> deadline() const;
  void expire(nodes::Time now);

  /// So far.
  [[nodiscard]] CallReport report() const;
  /// The keys of what was said, a line each way, as RFC 4568 writes them; empty before there were any.
  [[nodiscard]] std::string keys() const;

 private:
  struct End {
    End(const Scenario& scenario, CtaModule& cta, bool calls);
    CtaModule& cta;
    kerberos::SeededRandom random;
    Telephone telephone;
  };
  void overhear(ByteView packet);

  std::function<void()> on_changed_;
  kerberos::SeededRandom random_;
  CallAgent agent_;
  End caller_, called_;
  std::uint64_t messages_ = 0;
  SrtpStream eavesdropper_;
  std::uint64_t overheard_ = 0, understood_ = 0;
};

}  // namespace reveille::sim
