// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capture/capture_reader.hpp"
#include "capture/file_bytes.hpp"

namespace reveille::sim {

/// Classic pcap (draft-ietf-opsawg-pcap).
class PcapReader final : public CaptureReader {
 public:
  /// `file` behind its magic number, which as big-endian is `magic`.
  PcapReader(FileBytes file, std::uint32_t magic);

 private:
  bool next_record(Record& record) override;
  void take_octets(Bytes& octets, std::uint32_t captured_length) override;
  void leave_packet() override;

  FileBytes file_;
  unsigned nanoseconds_per_unit_;
  unsigned fcs_octets_ = 0;
  LinkType link_ = LinkType::ethernet;
  std::uint32_t octets_ahead_ = 0;  ///< of the packet whose header was read
};

}  // namespace reveille::sim
