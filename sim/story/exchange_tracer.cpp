// SPDX-License-Identifier: Apache-2.0
#include "story/exchange_tracer.hpp"

#include <algorithm>
#include <cstdio>

#include "reveille/kerberos/messages.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim {

namespace {

using Party = ExchangeStep::Party;

std::string kdc_label(const Bytes& payload) {
  // The APPLICATION tag of RFC 4120: 10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 30 KRB-ERROR.
  switch (payload.empty() ? 0 : payload.front()) {
    case 0x6A: return "AS-REQ";
    case 0x6B: return "AS-REP";
    case 0x6C: return "TGS-REQ";
    case 0x6D: return "TGS-REP";
    case 0x7E: return "KRB-ERROR";
    default: return "Kerberos";
  }
}

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

struct Describe {
  ExchangeStep& step;
  void operator()(const keymgmt::WakeUp& message) const {
    step.label = "Wake Up";
    step.detail = "server nonce " + hexadecimal(message.server_nonce);
  }
  void operator()(const keymgmt::ApRequest& message) const {
    step.label = "AP Request";
    step.detail = "returned nonce " + hexadecimal(message.server_nonce);
  }
  void operator()(const keymgmt::ApReply&) const {
    step.label = "AP Reply";
    step.detail = "client nonce echoed";
  }
  void operator()(const keymgmt::SaRecovered&) const { step.label = "SA Recovered"; }
  void operator()(const keymgmt::Rekey&) const { step.label = "Rekey"; }
  void operator()(const keymgmt::ErrorReply&) const { step.label = "Error Reply"; }
};

}  // namespace

void ExchangeTracer::kdc_datagram(const nodes::Datagram& datagram, bool outgoing, const sc_core::sc_time& time) {
  const nodes::Endpoint& kdc = outgoing ? datagram.destination : datagram.source;
  if (kdc.port != nodes::kdc_port) return;
  ExchangeStep step;
  step.time_us = time.to_seconds() * 1e6;
  step.from = outgoing ? Party::cta : Party::kdc;
  step.to = outgoing ? Party::kdc : Party::cta;
  step.label = kdc_label(datagram.payload);
  if (step.label == "KRB-ERROR") step.detail = kerberos::to_string(kerberos::decode_krb_error(datagram.payload).code);
  kdc_steps_[outgoing ? datagram.source.address : datagram.destination.address].push_back(std::move(step));
}

void ExchangeTracer::frame(const RecordedFrame& frame) {
  if (!frame.well_formed || frame.hostile) return;
  const net::UdpDatagram datagram = net::parse(frame.octets);
  if (datagram.destination_port != keymgmt::udp_port) return;
  const bool from_core = frame.outgoing && frame.side == RecordedFrame::Side::network;
  const net::Address& client = from_core ? datagram.destination : datagram.source;
  if (!first_with_kdc_ || client == *first_with_kdc_) frames_[client].push_back(frame);
}

void ExchangeTracer::established(const net::Address& client) {
  if (!first_) first_ = client;
  if (first_with_kdc_ || !kdc_steps_.contains(client)) return;
  first_with_kdc_ = client;
  std::erase_if(frames_, [&](const auto& entry) { return entry.first != client; });
}

std::vector<ExchangeStep> ExchangeTracer::trace() const {
  const std::optional<net::Address>& client = first_with_kdc_ ? first_with_kdc_ : first_;
  std::vector<ExchangeStep> steps;
  if (!client) return steps;
  if (const auto kdc = kdc_steps_.find(*client); kdc != kdc_steps_.end()) steps = kdc->second;
  for (const RecordedFrame& frame : frames_.at(*client)) {
    const net::UdpDatagram datagram = net::parse(frame.octets);
    ExchangeStep step;
    step.time_us = static_cast<double>(frame.time_ns) / 1e3;
    std::visit(Describe{step}, keymgmt::decode(datagram.payload));
    if (frame.side == RecordedFrame::Side::host) {
      step.from = Party::core;
      step.to = Party::host;
      step.detail = frame.comment;
    } else {
      step.from = frame.outgoing ? Party::core : Party::cta;
      step.to = frame.outgoing ? Party::cta : Party::core;
      if (!frame.outgoing) step.detail += (step.detail.empty() ? "verdict " : ", verdict ") + frame.comment;
    }
    step.frame = frame.octets;
    steps.push_back(std::move(step));
  }
  std::ranges::stable_sort(steps, {}, &ExchangeStep::time_us);
  // The exchange ends with the SA Recovered that reaches the host.
  const auto last = std::ranges::find_if(
      steps, [](const ExchangeStep& step) { return step.to == Party::host && step.label == "SA Recovered"; });
  if (last != steps.end()) steps.erase(last + 1, steps.end());
  return steps;
}

}  // namespace reveille::sim
