// SPDX-License-Identifier: Apache-2.0
#include "capture/pcap_reader.hpp"

#include <array>
#include <utility>

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
  constexpr std::uint32_t fcs_present = 0x04000000;
  const std::uint32_t link = file_.u32(header, 16);
  const std::uint32_t number = link & 0xffff;
  const std::optional<LinkType> known = link_type(number);
  if (!known) file_.fail("link type " + std::to_string(number) + ": " + known_link_types);
  link_ = *known;
  if ((link & fcs_present) != 0) fcs_octets_ = 2 * (link >> 28);  // in units of 16 bits
}

bool PcapReader::next_record(Record& record) {
  if (file_.at_end()) return false;
  std::array<std::uint8_t, 16> header{};
  file_.read(header, {"the header of packet ", number()});
  const Timestamp seconds = file_.u32(header, 0);
  const std::uint32_t fraction = file_.u32(header, 4);
  record.timestamp = seconds * 1'000'000'000 + static_cast<Timestamp>(fraction) * nanoseconds_per_unit_;
  record.captured_length = file_.u32(header, 8);
  record.original_length = file_.u32(header, 12);
  record.fcs_octets = fcs_octets_;
  record.link = link_;
  octets_ahead_ = record.captured_length;
  if (const std::uint32_t units = 1'000'000'000 / nanoseconds_per_unit_; fraction >= units) {
    fail_at_packet("timestamp: " + std::to_string(fraction) +
                   (nanoseconds_per_unit_ == 1 ? " nanoseconds" : " microseconds") + ": fewer than " +
                   std::to_string(units) + " expected");
  }
  return true;
}

void PcapReader::take_octets(Bytes& octets, std::uint32_t captured_length) {
  octets_ahead_ = 0;
  file_.read(octets, captured_length, {"packet ", number()});
}

void PcapReader::leave_packet() { file_.skip(std::exchange(octets_ahead_, 0), {"packet ", number()}); }

}  // namespace reveille::sim
