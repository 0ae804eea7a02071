// SPDX-License-Identifier: Apache-2.0
#include "capture/capture_reader.hpp"

#include "capture/pcap_reader.hpp"
#include "capture/pcapng_reader.hpp"

namespace reveille::sim {
namespace {

constexpr std::uint64_t longest_span_us = std::uint64_t{1} << 48;

std::string hex(std::uint32_t value) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

std::string seconds(Timestamp nanoseconds) {
  const auto magnitude = static_cast<std::uint64_t>((nanoseconds < 0 ? -nanoseconds : nanoseconds) % 1'000'000'000);
  const auto whole = static_cast<std::int64_t>(nanoseconds / 1'000'000'000);
  char text[48];
  std::snprintf(text, sizeof text, "%s%lld.%09llu s", nanoseconds < 0 && whole == 0 ? "-" : "",
                static_cast<long long>(whole), static_cast<unsigned long long>(magnitude));
  return text;
}

}  // namespace

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
    default: file.fail("magic number " + hex(value) + ": pcap (micro- or nanoseconds) or pcapng expected");
  }
  reader->name_ = path.string();
  reader->options_ = options;
  return reader;
}

bool CaptureReader::next(Packet& packet) {
  ++number_;  // whatever is wrong from here on is wrong with this packet
  Record record;
  if (!next_record(record)) return false;
  if (record.captured_length < record.original_length && !options_.allow_short) {
    fail_at_packet("captured short: " + std::to_string(record.captured_length) + " of " +
                   std::to_string(record.original_length) + " octets; a whole packet, or --allow-short, expected");
  }
  if (record.captured_length == 0 || record.captured_length > longest_frame) {
    fail_at_packet("captured length " + std::to_string(record.captured_length) + ": 1 to " +
                   std::to_string(longest_frame) + " octets expected");
  }
  if (number_ == 1) first_ = last_ = record.timestamp;
  if (record.timestamp < last_) {
    fail_at_packet("timestamp " + seconds(record.timestamp) + ": goes backwards, at least " + seconds(last_) +
                   " expected");
  }
  last_ = record.timestamp;
  const Timestamp since_first = record.timestamp - first_;
  if (since_first / 1000 >= static_cast<Timestamp>(longest_span_us)) {
    fail_at_packet("timestamp " + seconds(record.timestamp) +
                   ": less than 2^48 microseconds behind the first packet's " + seconds(first_) + " expected");
  }
  packet.number = number_;
  packet.timestamp = record.timestamp;
  packet.since_first_ns = static_cast<std::uint64_t>(since_first);
  packet.octets = take_octets(record.captured_length);
  return true;
}

void CaptureReader::fail_at_packet(const std::string& what) const {
  throw Error(ErrorKind::bad_input, name_ + ": " + packet_name() + ": " + what);
}

}  // namespace reveille::sim
