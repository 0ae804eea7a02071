// SPDX-License-Identifier: Apache-2.0
#include "story/recorder.hpp"

#include <algorithm>

#include "call/telephone.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim {

using sc_core::sc_time;

namespace {

/// No AP Request with a ticket and an authenticator fits into less; the many that are shorter need not be decoded.
constexpr std::size_t smallest_ticket_frame = 256;

/// Whether an ordinary decoder has nothing to complain about: a whole UDP datagram with right lengths and checksums,
/// that carries a key-management message whole to its last octet, the Kerberos message in it included.
bool is_well_formed(const Bytes& frame) {
  try {
    const net::UdpDatagram datagram = net::parse(frame);
    if (datagram.destination_port != keymgmt::udp_port) return true;
    const keymgmt::Message message = keymgmt::decode(datagram.payload);
    if (const auto* request = std::get_if<keymgmt::ApRequest>(&message)) {
      static_cast<void>(kerberos::decode_ap_request(request->ap_req));
    } else if (const auto* reply = std::get_if<keymgmt::ApReply>(&message)) {
      static_cast<void>(kerberos::decode_ap_reply(reply->ap_rep));
    } else if (const auto* error = std::get_if<keymgmt::ErrorReply>(&message)) {
      static_cast<void>(kerberos::decode_krb_error(error->krb_error));
    }
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    return false;
  }
}

/// Whether a frame with this verdict moves its client's session to another state, or takes one of its resends.
bool changes_session(Verdict verdict) {
  return verdict == Verdict::accepted || verdict == Verdict::resend || verdict == Verdict::sa_recovered;
}

/// Whether a frame brings an AP Request with a Kerberos message that decodes, ticket and authenticator included: what
/// a server without a guard would begin to decrypt.
bool carries_ticket(const Bytes& frame) {
  if (frame.size() < smallest_ticket_frame) return false;
  try {
    const keymgmt::Message message = keymgmt::decode(net::parse(frame).payload);
    const auto* request = std::get_if<keymgmt::ApRequest>(&message);
    if (request == nullptr) return false;
    static_cast<void>(kerberos::decode_ap_request(request->ap_req));
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    return false;
  }
}

/// A datagram between a CTA and the KDC as a frame on the KDC's own link; nothing if it is no such one.
std::optional<RecordedFrame> kdc_frame(const nodes::Datagram& datagram, bool to_kdc, std::uint64_t time_ns) {
  if ((to_kdc ? datagram.destination : datagram.source).port != nodes::kdc_port) return std::nullopt;
  net::UdpFrame frame;
  frame.source = datagram.source.address;
  frame.destination = datagram.destination.address;
  net::Address& kdc = to_kdc ? frame.destination : frame.source;
  if (!(to_kdc ? frame.source : frame.destination).is_ipv4()) kdc = kdc_ipv6();
  frame.source_port = datagram.source.port;
  frame.destination_port = datagram.destination.port;
  frame.payload = datagram.payload;
  return RecordedFrame{.time_ns = time_ns,
                       .side = RecordedFrame::Side::kdc,
                       .outgoing = !to_kdc,
                       .well_formed = true,
                       .comment = to_kdc ? "to the KDC" : "from the KDC",
                       .octets = net::build(frame)};
}

/// A packet of speech on the way between two CTAs, which does not lead through the core.
RecordedFrame media_frame(const nodes::Datagram& datagram, std::uint64_t time_ns) {
  net::UdpFrame frame;
  frame.source = datagram.source.address;
  frame.destination = datagram.destination.address;
  frame.source_port = datagram.source.port;
  frame.destination_port = datagram.destination.port;
  frame.payload = datagram.payload;
  return {.time_ns = time_ns,
          .side = RecordedFrame::Side::media,
          .well_formed = true,
          .comment = "from CTA to CTA",
          .octets = net::build(frame)};
}

}  // namespace

net::Address kdc_ipv6() { return net::Address::parse("2001:db8::88"); }

Recorder::Recorder(RunReport& report, const ServerHost& host, bool keep_all, const sc_time& duration, unsigned slices,
                   Sink sink)
    : report_(report), host_(host), keep_all_(keep_all), slice_(duration / slices), sink_(std::move(sink)) {
  report_.slice_us = slice_.to_seconds() * 1e6;
  report_.slices.resize(slices);
  report_.established_by_slice.resize(slices);
}

std::size_t Recorder::slice_of(const sc_time& time) const {
  return std::min<std::size_t>(time.value() / slice_.value(), report_.slices.size() - 1);
}

void Recorder::keep(const sc_time& time, RecordedFrame frame) {
  frame.time_ns = time.value() / 1'000;
  frame.well_formed = is_well_formed(frame.octets);
  hand_on(std::move(frame));
}

void Recorder::hand_on(RecordedFrame frame) {
  exchanges_.recorded(frame, handed_on_++);
  sink_(std::move(frame));
}

void Recorder::at_cta(const nodes::Datagram& datagram, bool outgoing, const sc_time& time) {
  const std::uint64_t time_ns = time.value() / 1'000;
  if (auto frame = kdc_frame(datagram, outgoing, time_ns)) {
    hand_on(std::move(*frame));
  } else if (datagram.destination.port == media_port) {
    if (!outgoing) hand_on(media_frame(datagram, time_ns));
  } else if (!outgoing) {
    exchanges_.reached(datagram, time_ns);
  }
}

void Recorder::judged(const LineFrame& frame, Verdict verdict, bool pass, bool lost) {
  auto& count = report_.verdicts[index(verdict)];
  ++count.frames;
  count.octets += frame.octets.size();
  ++report_.slices[slice_of(frame.time)][index(verdict)];
  sessions_.judged(frame.octets, frame.time.value() / 1'000, verdict);
  if (lost) ++(frame.octets.size() > 9216 ? report_.line.lost_oversize : report_.line.lost_overrun);

  RunReport::Fates& fates = frame.attack ? report_.line.hostile : report_.line.true_;
  ++fates.frames;
  fates.line_octets += LineTime::taken(frame.octets.size());
  ++(lost ? fates.lost : pass ? fates.passed : fates.dropped);
  if (!pass && carries_ticket(frame.octets)) ++fates.tickets_dropped;

  RecordedFrame kept{.comment = std::string(name(verdict)) + (lost ? ", lost" : "")};
  if (frame.attack) {
    const std::string attack(attack_name(*frame.attack));
    kept.hostile = true;
    kept.comment += "; attack: " + attack;
    ++report_.attack_frames[attack];
    if (pass && !lost) ++report_.attack_passed[attack];
    if (frame.hole != nullptr) {
      RunReport::HoleCount& hole = report_.holes[std::string(frame.hole->name)];
      ++hole.frames;
      if (pass && !lost) ++hole.passed;
    }
    const std::uint64_t seen = seen_[{*frame.attack, verdict}]++;
    const bool kept_by_turn = seen < first_of_kind || fates.frames % flood_stride == 0;
    const bool is_kept = keep_all_ || kept_by_turn || changes_session(verdict);
    exchanges_.attacked(frame.octets, *frame.attack, verdict, pass && !lost, frame.time.value() / 1'000,
                        is_kept ? std::optional(handed_on_) : std::nullopt);
    if (!is_kept) return;
  } else {
    ++count.true_frames;
  }
  kept.octets = frame.octets;
  keep(frame.time, std::move(kept));
}

void Recorder::delivered(const Bytes& frame, Verdict verdict, const Hole* hole, const sc_time& time) {
  const bool is_unasked = host_.is_unasked_request(frame, verdict);
  if (is_unasked) ++report_.unasked_requests;
  RecordedFrame kept{.side = RecordedFrame::Side::host, .outgoing = true, .comment = std::string(name(verdict))};
  if (hole != nullptr) {
    if (is_unasked) ++report_.holes[std::string(hole->name)].unasked;
    kept.hostile = true;
    kept.comment += "; attack: " + std::string(attack_name(Attack::holes));
    const std::uint64_t seen = holes_delivered_++;
    if (!keep_all_ && seen >= first_of_kind && seen % flood_stride != 0) return;
  }
  kept.octets = frame;
  keep(time, std::move(kept));
}

void Recorder::transmitted(const Bytes& frame, const sc_time& time) {
  sessions_.transmitted(frame);
  keep(time, {.outgoing = true, .comment = "sent by the core", .octets = frame});
}

void Recorder::established(const sc_time& time) { ++report_.established_by_slice[slice_of(time)]; }

}  // namespace reveille::sim
