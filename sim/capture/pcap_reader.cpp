// SPDX-License-Identifier: Apache-2.0
#include "capture/pcap_reader.hpp"

namespace reveille::sim {

PcapReader::PcapReader(FileBytes file, std::uint32_t magic) : file_(std::move(file)) {
  const bool little = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
  const bool nanoseconds = magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
  file_.set_little_endian(little);
  nanoseconds_per_unit_ = nanoseconds ? 1 : 1000;

  const Bytes header = file_.take(20, "the file header");
  const std::uint16_t major = file_.u16(header, 0);
  const std::uint16_t minor = file_.u16(header, 2);
  if (major != 2 || minor != 4)
    file_.fail("pcap version " + std::to_string(major) + "." + std::to_string(minor) + ": 2.4 expected");
  // The upper half may say that frames carry an FCS: then they are not what the core takes either.
  const std::uint32_t link_type = file_.u32(header, 16);
  if (link_type != 1) file_.fail("link type " + std::to_string(link_type) + ": 1 (Ethernet, without FCS) expected");
}

bool PcapReader::next_record(Record& record) {
  if (file_.at_end()) return false;
  const Bytes header = file_.take(16, "the header of " + packet_name());
  const Timestamp seconds = file_.u32(header, 0);
  record.timestamp = seconds * 1'000'000'000 + static_cast<Timestamp>(file_.u32(header, 4)) * nanoseconds_per_unit_;
  record.captured_length = file_.u32(header, 8);
  record.original_length = file_.u32(header, 12);
  return true;
}

Bytes PcapReader::take_octets(std::uint32_t captured_length) { return file_.take(captured_length, packet_name()); }

}  // namespace reveille::sim
