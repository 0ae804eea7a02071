// SPDX-License-Identifier: Apache-2.0
#include "story/recorder.hpp"

#include <algorithm>

#include "kerberos/messages.hpp"
#include "keymgmt/messages.hpp"
#include "net/frame.hpp"

namespace reveille::sim {

using sc_core::sc_time;

namespace {

/// No AP Request with a ticket and an authenticator fits into less.
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

/// Dropped before the host's cryptography, although it looked like a message that would have cost some.
bool spares_cryptography(Verdict verdict) {
  switch (verdict) {
    case Verdict::client_initiated:
    case Verdict::not_woken:
    case Verdict::false_nonce:
    case Verdict::repeat:
    case Verdict::unexpected: return true;
    default: return false;
  }
}

}  // namespace

Recorder::Recorder(RunReport& report, bool keep_all, const sc_time& duration, unsigned slices)
    : report_(report), keep_all_(keep_all), slice_(duration / slices) {
  report_.slice_us = slice_.to_seconds() * 1e6;
  report_.slices.resize(slices);
  report_.established_by_slice.resize(slices);
}

std::size_t Recorder::slice_of(const sc_time& time) const {
  return std::min<std::size_t>(time.value() / slice_.value(), report_.slices.size() - 1);
}

void Recorder::keep(const sc_time& time, RecordedFrame::Side side, bool outgoing, std::string comment,
                    const Bytes& octets) {
  frames_.push_back({time.value() / 1'000, side, outgoing, is_well_formed(octets), std::move(comment), octets});
}

void Recorder::judged(const LineFrame& frame, Verdict verdict, bool pass, bool lost) {
  auto& count = report_.verdicts[static_cast<std::size_t>(verdict)];
  ++count.frames;
  count.octets += frame.octets.size();
  ++report_.slices[slice_of(frame.time)][static_cast<std::size_t>(verdict)];
  if (!pass && spares_cryptography(verdict)) {
    ++report_.crypto.messages_dropped;
    if (frame.octets.size() >= smallest_ticket_frame) ++report_.crypto.tickets_dropped;
  }
  if (lost) ++(frame.octets.size() > 9216 ? report_.lost_oversize : report_.lost_overrun);

  std::string comment = std::string(name(verdict)) + (lost ? ", lost" : "");
  if (!frame.attack) {
    if (lost) ++report_.true_frames_lost;
    keep(frame.time, RecordedFrame::Side::network, false, std::move(comment), frame.octets);
    return;
  }
  ++flood_frames_;
  const std::string attack(attack_name(*frame.attack));
  ++report_.attack_frames[attack];
  if (pass && !lost) ++report_.attack_passed[attack];
  const std::uint64_t seen = seen_[{*frame.attack, verdict}]++;
  if (keep_all_ || seen < first_of_kind || flood_frames_ % flood_stride == 0) {
    keep(frame.time, RecordedFrame::Side::network, false, comment + "; attack: " + attack, frame.octets);
  }
}

void Recorder::delivered(const Bytes& frame, Verdict verdict, const sc_time& time) {
  keep(time, RecordedFrame::Side::host, true, std::string(name(verdict)), frame);
}

void Recorder::transmitted(const Bytes& frame, const sc_time& time) {
  keep(time, RecordedFrame::Side::network, true, "sent by the core", frame);
}

void Recorder::established(const sc_time& time) { ++report_.established_by_slice[slice_of(time)]; }

}  // namespace reveille::sim
