// SPDX-License-Identifier: Apache-2.0
#include "capture/capture_writer.hpp"

#include <algorithm>

namespace reveille::sim {
namespace {

/// Little-endian, whatever this machine is.
void put(Bytes& out, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void pad(Bytes& out) { out.resize((out.size() + 3) / 4 * 4, 0); }

void put_option(Bytes& out, std::uint16_t code, std::string_view value) {
  put(out, code, 2);
  put(out, value.size(), 2);
  out.insert(out.end(), value.begin(), value.end());
  pad(out);
}

void end_options(Bytes& out) { put(out, 0, 4); }

void write_octets(std::ostream& stream, ByteView octets) {
  stream.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
}

}  // namespace

PcapWriter::PcapWriter(const std::filesystem::path& path) : file_(path) {
  Bytes header;
  put(header, 0xa1b23c4d, 4);
  put(header, 2, 2);
  put(header, 4, 2);
  put(header, 0, 8);  // time zone and accuracy: nobody sets them
  put(header, 262144, 4);
  put(header, 1, 4);
  write_octets(file_.stream(), header);
}

void PcapWriter::write(Timestamp timestamp, ByteView frame) {
  constexpr Timestamp second = 1'000'000'000;
  if (timestamp < 0 || timestamp / second > 0xffffffff) {
    throw Error(ErrorKind::bad_input, "time " + format_seconds(timestamp) +
                                          ": cannot be written to a pcap file, which holds those from 1970 to before "
                                          "2^32 s (2106-02-07 06:28:16 UTC)");
  }
  Bytes header;
  header.reserve(16);
  put(header, static_cast<std::uint64_t>(timestamp / second), 4);
  put(header, static_cast<std::uint64_t>(timestamp % second), 4);
  put(header, frame.size(), 4);
  put(header, frame.size(), 4);
  write_octets(file_.stream(), header);
  write_octets(file_.stream(), frame);
}

PcapngWriter::PcapngWriter(const std::filesystem::path& path, const std::vector<std::string>& interface_names)
    : file_(path), interfaces_(interface_names.size()) {
  Bytes section;
  put(section, 0x1a2b3c4d, 4);
  put(section, 1, 2);
  put(section, 0, 2);
  put(section, ~std::uint64_t{0}, 8);  // length of the section: not said
  put_option(section, 4, "reveille");  // shb_userappl
  end_options(section);
  write_block(0x0a0d0d0a, section);
  for (const std::string& name : interface_names) {
    Bytes interface;
    put(interface, 1, 2);
    put(interface, 0, 2);
    put(interface, 0, 4);              // no snapshot length
    put_option(interface, 2, name);    // if_name
    put_option(interface, 9, "\x09");  // if_tsresol: 10^-9
    end_options(interface);
    write_block(1, interface);
  }
}

void PcapngWriter::write_names(const HostNames& names) {
  Bytes records;
  for (const auto& [address, name] : names) {
    const ByteView octets = address.header_octets();
    put(records, address.is_ipv4() ? 1 : 2, 2);
    put(records, octets.size() + name.size() + 1, 2);
    append(records, octets);
    records.insert(records.end(), name.begin(), name.end());
    records.push_back(0);
    pad(records);
  }
  put(records, 0, 4);       // the end of the records
  write_block(4, records);  // Name Resolution Block
}

void PcapngWriter::write(unsigned interface, std::uint64_t timestamp_ns, ByteView frame, std::string_view comment,
                         Direction direction) {
  if (interface >= interfaces_)
    throw Error(ErrorKind::internal, "pcapng: interface " + std::to_string(interface) + " is not described");
  Bytes body;
  put(body, interface, 4);
  put(body, timestamp_ns >> 32, 4);
  put(body, timestamp_ns & 0xffffffff, 4);
  put(body, frame.size(), 4);
  put(body, frame.size(), 4);
  append(body, frame);
  pad(body);
  if (!comment.empty()) put_option(body, 1, comment);  // opt_comment
  if (direction != Direction::unknown) {
    put(body, 2, 2);  // epb_flags
    put(body, 4, 2);
    put(body, static_cast<std::uint64_t>(direction), 4);
  }
  if (!comment.empty() || direction != Direction::unknown) end_options(body);
  write_block(6, body);
}

void PcapngWriter::write_block(std::uint32_t type, const Bytes& body) {
  const std::uint64_t length = body.size() + 12;
  Bytes block;
  put(block, type, 4);
  put(block, length, 4);
  append(block, body);
  put(block, length, 4);
  write_octets(file_.stream(), block);
  size_ += block.size();
}

}  // namespace reveille::sim
