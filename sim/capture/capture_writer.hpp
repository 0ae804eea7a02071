// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/capture_reader.hpp"
#include "output_file.hpp"
#include "reveille/net/address.hpp"

namespace reveille::sim {

/// Classic pcap, little-endian, nanoseconds, Ethernet. The file appears with commit().
class PcapWriter {
 public:
  explicit PcapWriter(const std::filesystem::path& path);
  /// Error{bad_input} if the timestamp does not fit a pcap's 32 bits of seconds.
  void write(Timestamp timestamp, ByteView frame);
  void commit() { file_.commit(); }

 private:
  OutputFile file_;
};

/// Addresses and what they are called.
using HostNames = std::vector<std::pair<net::Address, std::string>>;

/// What epb_flags say of a packet's way through its interface.
enum class Direction : std::uint8_t { unknown, inbound, outbound };

/// pcapng, little-endian, one section, nanoseconds. The file appears with commit().
class PcapngWriter {
 public:
  PcapngWriter(const std::filesystem::path& path, const std::vector<std::string>& interface_names);
  /// What hosts are called, for those who look at the packets behind.
  void write_names(const HostNames& names);
  /// `interface`: index into the names. `comment`: UTF-8, shown on the packet; empty for none.
  void write(unsigned interface, std::uint64_t timestamp_ns, ByteView frame, std::string_view comment = {},
             Direction direction = Direction::unknown);
  void commit() { file_.commit(); }
  /// Octets written so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  void write_block(std::uint32_t type, const Bytes& body);

  OutputFile file_;
  std::size_t interfaces_;
  std::uint64_t size_ = 0;
};

}  // namespace reveille::sim
