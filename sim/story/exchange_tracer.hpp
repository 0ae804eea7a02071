// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <systemc>
#include <vector>

#include "report/run_report.hpp"
#include "reveille/nodes/datagram.hpp"
#include "story/recorder.hpp"

namespace reveille::sim {

/// Finds one whole exchange for the sequence diagram: the first CTA that needed the KDC and was established, or else
/// the first established one.
class ExchangeTracer {
 public:
  void kdc_datagram(const nodes::Datagram& datagram, bool outgoing, const sc_core::sc_time& time);
  void established(const net::Address& client);
  /// What the recorder kept. Of hostile and malformed frames, and those of clients that it is not about, nothing stays.
  void frame(const RecordedFrame& frame);
  /// Its steps in order of time.
  [[nodiscard]] std::vector<ExchangeStep> trace() const;

 private:
  std::map<net::Address, std::vector<RecordedFrame>> frames_;
  std::map<net::Address, std::vector<ExchangeStep>> kdc_steps_;
  std::optional<net::Address> first_;
  std::optional<net::Address> first_with_kdc_;
};

}  // namespace reveille::sim
