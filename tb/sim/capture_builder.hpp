// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capture/capture_reader.hpp"
#include "catch.hpp"
#include "sim/files.hpp"

namespace reveille::sim::test {

/// Builds capture files octet by octet, in either byte order.
struct Builder {
  bool little = true;
  Bytes octets;

  Builder& put(std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) {
      const unsigned place = little ? i : width - 1 - i;
      octets.push_back(place < 8 ? static_cast<std::uint8_t>(value >> 8 * place) : 0);
    }
    return *this;
  }
  Builder& raw(const Bytes& value) {
    append(octets, value);
    return *this;
  }
  Builder& pcap_header(std::uint32_t magic = 0xa1b23c4d, std::uint32_t link_type = 1) {
    return put(magic, 4).put(2, 2).put(4, 2).put(0, 8).put(65535, 4).put(link_type, 4);
  }
  Builder& record(std::uint32_t seconds, std::uint32_t fraction, std::size_t captured, std::size_t length) {
    return put(seconds, 4).put(fraction, 4).put(captured, 4).put(length, 4).raw(Bytes(captured, 0x5a));
  }
  Builder& block(std::uint32_t type, Bytes body) {
    body.resize((body.size() + 3) / 4 * 4);
    return put(type, 4).put(body.size() + 12, 4).raw(body).put(body.size() + 12, 4);
  }
  Builder nested() const { return Builder{little, {}}; }
  Builder& section() { return block(0x0a0d0d0a, nested().put(0x1a2b3c4d, 4).put(1, 2).put(0, 2).put(~0ULL, 8).octets); }
  Builder& interface(const Bytes& options = {}, std::uint16_t link_type = 1) {
    return block(1, nested().put(link_type, 2).put(0, 2).put(0, 4).raw(options).octets);
  }
  Builder& enhanced(std::uint32_t interface, std::uint64_t units, std::size_t captured, std::size_t length,
                    const Bytes& options = {}) {
    return block(6, nested()
                        .put(interface, 4)
                        .put(units >> 32, 4)
                        .put(units & 0xffffffff, 4)
                        .put(captured, 4)
                        .put(length, 4)
                        .raw(Bytes(captured, 0x5a))
                        .raw(Bytes((4 - captured % 4) % 4))
                        .raw(options)
                        .octets);
  }
  Bytes fcslen(std::uint8_t value) const {
    return nested().put(13, 2).put(1, 2).put(value, 1).put(0, 1).put(0, 2).octets;
  }
  Bytes packet_flags(std::uint32_t value) const { return nested().put(2, 2).put(4, 2).put(value, 4).octets; }
  Bytes resolution(std::uint8_t value) const {
    return nested().put(9, 2).put(1, 2).put(value, 1).put(0, 1).put(0, 2).octets;
  }
  Bytes offset(std::int64_t value) const {
    return nested().put(14, 2).put(8, 2).put(static_cast<std::uint64_t>(value), 8).octets;
  }
};

inline std::vector<Packet> read_all(const std::filesystem::path& file, bool allow_short = false) {
  auto reader = CaptureReader::open(file, {.allow_short = allow_short});
  std::vector<Packet> packets;
  for (Packet packet; reader->next(packet);) packets.push_back(packet);
  return packets;
}

inline std::vector<Packet> read_octets(const Bytes& octets, bool allow_short = false) {
  TemporaryFolder folder;
  write_file(folder / "in", octets);
  return read_all(folder / "in", allow_short);
}

/// Whether the reader takes a file whose odd packets it may skip.
inline bool taken_leniently(const std::filesystem::path& file, bool allow_short) {
  try {
    const auto reader = CaptureReader::open(file, {.allow_short = allow_short, .lenient = true});
    for (Packet packet; reader->next(packet);) {
    }
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// What the reader has against a file; it must name the file.
inline std::string complaint(const Bytes& octets, bool allow_short = false) {
  TemporaryFolder folder;
  const auto file = folder / "in";
  write_file(file, octets);
  try {
    read_all(file, allow_short);
  } catch (const Error& error) {
    const std::string text = error.what();
    REQUIRE(error.kind() == ErrorKind::bad_input);
    REQUIRE(text.rfind(file.string() + ": ", 0) == 0);
    const std::string of_file = text.substr(file.string().size() + 2);
    // Said of whatever the option helps against, and of nothing else.
    const auto hint = of_file.find("; --lenient skips and counts what is odd");
    CHECK((hint != std::string::npos) == taken_leniently(file, allow_short));
    return of_file.substr(0, hint);
  }
  return "taken";
}

inline std::int64_t ns(Timestamp timestamp) { return static_cast<std::int64_t>(timestamp); }

}  // namespace reveille::sim::test
