// SPDX-License-Identifier: Apache-2.0
#include "capture/capture_reader.hpp"

#include <algorithm>

#include "capture/pcap_reader.hpp"
#include "capture/pcapng_reader.hpp"

namespace reveille::sim {
namespace {

constexpr std::uint64_t longest_span_us = std::uint64_t{1} << 48;
constexpr const char* lenient_hint = "; --lenient skips and counts what is odd";

std::string hex(std::uint32_t value) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

}  // namespace

std::string format_seconds(Timestamp nanoseconds) {
  constexpr std::size_t decimals = 9;
  std::string digits;
  for (Timestamp rest = nanoseconds < 0 ? -nanoseconds : nanoseconds; rest > 0 || digits.size() <= decimals; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  digits.insert(digits.size() - decimals, ".");
  return (nanoseconds < 0 ? "-" : "") + digits + " s";
}

std::unique_ptr<CaptureReader> CaptureReader::open(const std::filesystem::path& path, Options options) {
  FileBytes file(path);
  const Bytes magic = file.take(4, "the magic number: not a capture");
  file.set_little_endian(false);
  const std::uint32_t value = file.u32(magic, 0);
  std::unique_ptr<CaptureReader> reader;
  switch (value) {
    case 0x0a0d0d0a:  // reads the same in either byte order
      reader = std::make_unique<PcapngReader>(std::move(file));
      break;
    case 0xa1b2c3d4:
    case 0xd4c3b2a1:
    case 0xa1b23c4d:
    case 0x4d3cb2a1: reader = std::make_unique<PcapReader>(std::move(file), value); break;
    case 0x28b52ffd: file.fail("compressed by zstd: as it is, or by gzip, expected");
    case 0xfd377a58: file.fail("compressed by xz: as it is, or by gzip, expected");
    default:
      file.fail("magic number " + hex(value) +
                ": pcap (micro- or nanoseconds) or pcapng expected, as editcap -F pcapng IN OUT writes what Wireshark "
                "reads");
  }
  reader->name_ = path.string();
  reader->options_ = std::move(options);
  return reader;
}

bool CaptureReader::next(Packet& packet) {
  bool wanted = false;
  while (!wanted) {
    if (ended_) return false;
    try {
      if (!read(packet, wanted)) {
        ended_ = true;
        require_interface();
        return false;
      }
    } catch (const OddPacket& odd) {
      if (!options_.lenient) throw Error(odd.kind(), std::string(odd.what()) + lenient_hint);
      skip(odd.what());
    } catch (const EndsInside& cut) {
      if (!options_.lenient) throw Error(cut.kind(), std::string(cut.what()) + lenient_hint);
      skip(cut.what());
      ended_ = true;
    }
  }
  return true;
}

void CaptureReader::require_interface() const {
  if (!options_.interface || has_interface(*options_.interface)) return;
  throw Error(ErrorKind::bad_input, name_ + ": no interface is named \"" + *options_.interface +
                                        "\", as capture.interface of the sessions file has it: a pcapng expected that "
                                        "describes it");
}

void CaptureReader::skip(const std::string& why) {
  if (skipped_++ == 0) first_skipped_ = why;
  try {
    leave_packet();
  } catch (const EndsInside&) {
    ended_ = true;
  }
}

bool CaptureReader::read(Packet& packet, bool& wanted) {
  ++number_;  // whatever is wrong from here on is wrong with this packet
  Record record;
  if (!next_record(record)) return false;
  if (record.captured_length > record.original_length) {
    fail_at_packet("captured length " + std::to_string(record.captured_length) + ": at most the packet's length, " +
                   std::to_string(record.original_length) + " octets, expected");
  }
  if (record.captured_length < record.original_length && !options_.allow_short) {
    fail_at_packet("captured short: " + std::to_string(record.captured_length) + " of " +
                   std::to_string(record.original_length) + " octets; a whole packet, or --allow-short, expected");
  }
  if (record.fcs_octets > 0 && record.original_length <= record.fcs_octets) {
    fail_at_packet("length " + std::to_string(record.original_length) + ": more than its FCS of " +
                   std::to_string(record.fcs_octets) + " octets expected");
  }
  const std::uint32_t kept = std::min(record.captured_length, record.original_length - record.fcs_octets);
  require_length(record.captured_length, kept, " without FCS");
  const Timestamp first = first_.value_or(record.timestamp);
  if (first_ && record.timestamp < last_) {
    fail_at_packet("timestamp " + format_seconds(record.timestamp) + ": goes backwards, at least " +
                   format_seconds(last_) + " expected; reordercap IN OUT sorts a capture");
  }
  const Timestamp since_first = record.timestamp - first;
  if (since_first / 1000 >= static_cast<Timestamp>(longest_span_us)) {
    fail_at_packet("timestamp " + format_seconds(record.timestamp) +
                   ": less than 2^48 microseconds behind the first packet's " + format_seconds(first) + " expected");
  }
  packet.number = number_;
  packet.timestamp = record.timestamp;
  packet.since_first_ns = static_cast<std::uint64_t>(since_first);
  take_octets(packet.octets, record.captured_length);
  packet.octets.resize(kept);
  if (record.link != LinkType::ethernet) {
    if (kept < header_octets(record.link)) {
      fail_at_packet("captured length " + std::to_string(kept) + ": at least the " +
                     std::to_string(header_octets(record.link)) + " octets of its header expected");
    }
    std::optional<Bytes> frame = as_ethernet(record.link, packet.octets);
    if (!frame) fail_at_packet("neither IPv4 nor IPv6, as one of its link type is expected to be");
    require_length(record.captured_length, frame->size(), " as Ethernet");
    packet.octets = std::move(*frame);
  }
  first_ = first;
  last_ = record.timestamp;
  wanted = record.wanted;
  if (wanted && record.captured_length < record.original_length) ++short_packets_;
  return true;
}

void CaptureReader::require_length(std::uint32_t captured, std::size_t frame, const char* why_other) const {
  if (frame > 0 && frame <= longest_frame) return;
  std::string what = "captured length " + std::to_string(captured);
  if (frame != captured) what += ", " + std::to_string(frame) + why_other;
  what += ": 1 to " + std::to_string(longest_frame) + " octets expected";
  if (frame > longest_frame) what += ", as ethtool -K IF tso off gso off gro off lets it be captured";
  fail_at_packet(what);
}

void CaptureReader::fail_at_packet(const std::string& what) const {
  throw OddPacket(name_ + ": " + packet_name() + ": " + what);
}

}  // namespace reveille::sim
