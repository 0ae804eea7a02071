// SPDX-License-Identifier: Apache-2.0
#include "capture/pcapng_reader.hpp"

#include <algorithm>
#include <array>

namespace reveille::sim {
namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t obsolete_packet = 2;
constexpr std::uint32_t simple_packet = 3;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_packet_flags = 2;
constexpr std::uint16_t option_interface_name = 2;
constexpr std::uint16_t option_tsresol = 9;
constexpr std::uint16_t option_fcslen = 13;
constexpr std::uint16_t option_tsoffset = 14;
constexpr std::uint32_t direction_mask = 3;
constexpr std::uint32_t direction_outbound = 2;

/// `units` of a clock of 10^exponent or 2^exponent a second, in nanoseconds, rounded down.
Timestamp to_nanoseconds(std::uint64_t units, bool binary, unsigned exponent) {
  __extension__ using Wide = unsigned __int128;
  Wide value = static_cast<Wide>(units) * 1'000'000'000;  // below 2^94
  if (binary) return static_cast<Timestamp>(value >> exponent);
  for (; exponent > 0 && value > 0; --exponent) value /= 10;
  return static_cast<Timestamp>(value);
}

/// An option's value, which must have `width` octets.
template <typename Fail>
ByteView sized(ByteView value, std::size_t width, const char* name, Fail fail) {
  if (value.size() != width) {
    fail(std::string(name) + " of " + std::to_string(value.size()) + " octets, " + std::to_string(width) + " expected");
  }
  return value;
}

}  // namespace

PcapngReader::PcapngReader(FileBytes file) : file_(std::move(file)) {}

std::uint32_t PcapngReader::body_length(ByteView length_field) const {
  const std::uint32_t total = file_.u32(length_field, 0);
  if (total < 12 || total % 4 != 0)
    file_.fail("block length " + std::to_string(total) + ": a multiple of 4, at least 12, expected");
  return total - 12;
}

ByteView PcapngReader::read_body(ByteView length_field) {
  const std::uint32_t length = body_length(length_field);
  file_.read(body_, length, {"a block"});
  end_block(length);
  return body_;
}

void PcapngReader::end_block(std::uint32_t body) {
  std::array<std::uint8_t, 4> field{};
  file_.read(field, {"a block"});
  const std::uint32_t repeated = file_.u32(field, 0);
  if (repeated != body + 12) {
    file_.fail("block length " + std::to_string(body + 12) + " is repeated behind the block as " +
               std::to_string(repeated));
  }
}

bool PcapngReader::next_record(Record& record) {
  std::array<std::uint8_t, 4> field{};
  while (true) {
    std::uint32_t type = section_header;  // of the first block it has been read
    if (!at_first_block_) {
      if (file_.at_end()) return false;
      file_.read(field, {"a block"});
      type = file_.u32(field, 0);
    }
    at_first_block_ = false;
    if (type == section_header) {
      begin_section();
      continue;
    }
    file_.read(field, {"a block"});  // the block's length
    switch (type) {
      case interface_description: describe_interface(read_body(field)); break;
      case enhanced_packet: read_packet(read_body(field), record); return true;
      case simple_packet:
        read_body(field);
        fail_at_packet("a Simple Packet Block has no timestamp: an Enhanced Packet Block expected");
      case obsolete_packet:
        read_body(field);
        fail_at_packet(
            "an obsolete Packet Block: an Enhanced Packet Block expected, as editcap -F pcapng IN OUT writes it");
      default: {  // name resolution, statistics, secrets, custom blocks … carry no packets
        const std::uint32_t length = body_length(field);
        file_.skip(length, {"a block"});
        end_block(length);
      }
    }
  }
}

void PcapngReader::begin_section() {
  const Bytes front = file_.take(8, "a section header");  // its length, whose byte order the magic behind it tells
  const ByteView magic = ByteView(front).last(4);
  file_.set_little_endian(true);
  if (file_.u32(magic, 0) != byte_order_magic) {
    file_.set_little_endian(false);
    if (file_.u32(magic, 0) != byte_order_magic) file_.fail("section header: byte-order magic 0x1a2b3c4d expected");
  }
  const std::uint32_t length = body_length(ByteView(front).first(4));
  if (length < 16) file_.fail("section header: block length " + std::to_string(length + 12) + ", at least 28 expected");
  const Bytes rest = file_.take(length - 4, "a section header");
  end_block(length);
  const std::uint16_t major = file_.u16(rest, 0);
  if (major != 1)
    file_.fail("pcapng version " + std::to_string(major) + "." + std::to_string(file_.u16(rest, 2)) + ": 1.x expected");
  interfaces_.clear();
}

template <typename Fail, typename Take>
void PcapngReader::read_options(ByteView options, Fail fail, Take take) const {
  while (!options.empty()) {  // bodies are multiples of 4, so four octets are there
    const std::uint16_t code = file_.u16(options, 0);
    const std::size_t length = file_.u16(options, 2);
    if (code == option_end) break;
    const std::size_t padded = (length + 3) / 4 * 4;
    if (4 + padded > options.size()) fail("option " + std::to_string(code) + " runs over its block");
    take(code, options.subspan(4, length));
    options = options.subspan(4 + padded);
  }
}

void PcapngReader::describe_interface(ByteView body) {
  const std::string which = "interface " + std::to_string(interfaces_.size());
  if (body.size() < 8)
    file_.fail(which + ": description of " + std::to_string(body.size()) + " octets, at least 8 expected");
  const std::uint16_t number = file_.u16(body, 0);
  Interface interface;
  interface.link_number = number;
  interface.link = link_type(number);
  unsigned fcslen = 0;
  std::string name;
  const auto fail = [&](const std::string& what) { file_.fail(which + ": " + what); };
  read_options(body.subspan(8), fail, [&](std::uint16_t code, ByteView value) {
    if (code == option_tsresol) {
      const std::uint8_t resolution = sized(value, 1, "if_tsresol", fail)[0];
      interface.binary = (resolution & 0x80) != 0;
      interface.exponent = resolution & 0x7f;
    } else if (code == option_tsoffset) {
      interface.offset_s = static_cast<std::int64_t>(file_.number(sized(value, 8, "if_tsoffset", fail)));
    } else if (code == option_fcslen) {
      fcslen = sized(value, 1, "if_fcslen", fail)[0];
    } else if (code == option_interface_name) {
      name.assign(value.begin(), value.end());
    }
  });
  // Octets, says the format; bits, writes much of what there is.
  if (fcslen != 0 && fcslen != 4 && fcslen != 32) fail("if_fcslen " + std::to_string(fcslen) + ": 0, 4 or 32 expected");
  interface.fcs_octets = fcslen == 0 ? 0 : 4;
  interface.wanted = wants(name);
  interfaces_.push_back(interface);
  names_.insert(std::move(name));
}

void PcapngReader::read_packet(ByteView body, Record& record) {
  if (body.size() < 20)
    fail_at_packet("an Enhanced Packet Block of " + std::to_string(body.size()) + " octets, at least 20 expected");
  const std::uint32_t id = file_.u32(body, 0);
  if (id >= interfaces_.size()) {
    fail_at_packet("interface " + std::to_string(id) + ": one of the " + std::to_string(interfaces_.size()) +
                   " described expected");
  }
  const Interface& interface = interfaces_[id];
  const std::uint64_t units = std::uint64_t{file_.u32(body, 4)} << 32 | file_.u32(body, 8);
  record.timestamp =
      to_nanoseconds(units, interface.binary, interface.exponent) + Timestamp{interface.offset_s} * 1'000'000'000;
  record.captured_length = file_.u32(body, 12);
  record.original_length = file_.u32(body, 16);
  if (!interface.link) {
    fail_at_packet("interface " + std::to_string(id) + ": link type " + std::to_string(interface.link_number) + ": " +
                   known_link_types);
  }
  record.link = *interface.link;
  const ByteView behind = body.subspan(20);
  if (record.captured_length > behind.size()) {
    fail_at_packet("captured length " + std::to_string(record.captured_length) + ": the block holds " +
                   std::to_string(behind.size()) + " octets");
  }
  packet_ = behind.first(record.captured_length);

  std::uint32_t flags = 0;
  const auto fail = [this](const std::string& what) { fail_at_packet(what); };
  read_options(behind.subspan((record.captured_length + 3) / 4 * 4), fail, [&](std::uint16_t code, ByteView value) {
    if (code == option_packet_flags) flags = file_.u32(sized(value, 4, "epb_flags", fail), 0);
  });
  const std::uint32_t own_fcs_octets = flags >> 5 & 0xf;
  record.wanted = interface.wanted && (wants_all() || (flags & direction_mask) != direction_outbound);
  record.fcs_octets = own_fcs_octets != 0 ? own_fcs_octets : interface.fcs_octets;
}

void PcapngReader::take_octets(Bytes& octets, std::uint32_t) { octets.assign(packet_.begin(), packet_.end()); }

}  // namespace reveille::sim
