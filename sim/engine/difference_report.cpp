// SPDX-License-Identifier: Apache-2.0
#include "engine/difference_report.hpp"

#include <cstdio>

#include "reveille/core/in_band_header.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim {

namespace {

constexpr std::size_t octets_shown = 64;

struct MessageName {
  std::string operator()(const keymgmt::WakeUp&) const { return "Wake Up"; }
  std::string operator()(const keymgmt::ApRequest& message) const {
    char nonce[16];
    std::snprintf(nonce, sizeof nonce, "0x%08x", message.server_nonce);
    return std::string("AP Request, returned nonce ") + nonce;
  }
  std::string operator()(const keymgmt::ApReply&) const { return "AP Reply"; }
  std::string operator()(const keymgmt::SaRecovered&) const { return "SA Recovered"; }
  std::string operator()(const keymgmt::Rekey&) const { return "Rekey"; }
  std::string operator()(const keymgmt::ErrorReply&) const { return "Error Reply"; }
};

std::string decode(ByteView frame) {
  try {
    const net::UdpDatagram datagram = net::parse(frame);
    std::string text = net::format(datagram.source) + " > " + net::format(datagram.destination) + " UDP " +
                       std::to_string(datagram.source_port) + " > " + std::to_string(datagram.destination_port);
    try {
      return text + ", " + std::visit(MessageName{}, keymgmt::decode(datagram.payload));
    } catch (const Error& error) {
      return text + ", " + error.what();
    }
  } catch (const Error& error) {
    return error.what();
  }
}

std::string hexadecimal(const Bytes& octets) {
  std::string text;
  for (std::size_t i = 0; i < std::min(octets.size(), octets_shown); ++i) {
    char octet[4];
    std::snprintf(octet, sizeof octet, "%02x", octets[i]);
    text += octet;
  }
  return octets.size() > octets_shown ? text + "..." : text;
}

}  // namespace

std::vector<std::string> describe_frames(const Lockstep& lockstep) {
  std::vector<std::string> lines;
  for (const RecentFrame& frame : lockstep.recent_frames()) {
    const bool led = core::kInBandHeader && frame.port == RecentFrame::Port::host;
    const std::size_t header = std::min<std::size_t>(led ? core::kHeaderOctets : 0, frame.octets.size());
    lines.push_back(std::string(frame.port == RecentFrame::Port::net ? "net" : "host") + " cycles " +
                    std::to_string(frame.first_cycle) + "-" + std::to_string(frame.last_cycle) + ", " +
                    std::to_string(frame.octets.size()) + " octets" + (frame.complete ? ": " : " so far: ") +
                    decode(ByteView(frame.octets).subspan(header)) + " [" + hexadecimal(frame.octets) + "]");
  }
  return lines;
}

std::string describe(const LockstepDifference& difference, const Lockstep& lockstep) {
  std::string text = format(difference) + "\nframes in flight, the oldest first:\n";
  for (const std::string& line : describe_frames(lockstep)) text += "  " + line + '\n';
  return text;
}

}  // namespace reveille::sim
