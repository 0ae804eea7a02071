// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <vector>

#include "capture/capture_reader.hpp"
#include "capture/file_bytes.hpp"

namespace reveille::sim {

/// pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, enhanced packet blocks. Blocks without packets are skipped.
class PcapngReader final : public CaptureReader {
 public:
  /// `file` behind the first block's type.
  explicit PcapngReader(FileBytes file);

 private:
  struct Interface {
    bool binary = false;    ///< resolution is a power of 2, not of 10
    unsigned exponent = 6;  ///< units a second: 10^6 where the option is absent
    std::int64_t offset_s = 0;
    unsigned fcs_octets = 0;
    std::uint16_t link_number = 0;
    std::optional<LinkType> link = {};  ///< nothing if it is none that is known
    bool wanted = true;
  };

  bool next_record(Record& record) override;
  void take_octets(Bytes& octets, std::uint32_t captured_length) override;
  [[nodiscard]] bool has_interface(const std::string& name) const override { return names_.contains(name); }
  void leave_packet() override {}  // a block is read to its end before what it holds is looked at

  void begin_section();
  void describe_interface(ByteView body);
  /// Calls `take(code, value)` for each of a block's options, and `fail(what)`, which throws, where one is cut.
  template <typename Fail, typename Take>
  void read_options(ByteView options, Fail fail, Take take) const;
  void read_packet(ByteView body, Record& record);
  /// The length of the current block's body, behind its type; checks what may be checked of it.
  std::uint32_t body_length(ByteView length_field) const;
  /// A block's body, until the next one, and the length that is repeated behind it.
  ByteView read_body(ByteView length_field);
  void end_block(std::uint32_t body);

  FileBytes file_;
  bool at_first_block_ = true;
  std::vector<Interface> interfaces_;
  std::set<std::string> names_;  ///< of interfaces, in every section so far
  Bytes body_;
  ByteView packet_;  ///< of the body: the packet that next_record() found
};

}  // namespace reveille::sim
