// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <limits>

#include "capture/capture_reader.hpp"
#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

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

std::vector<Packet> read_all(const std::filesystem::path& file, bool allow_short = false) {
  auto reader = CaptureReader::open(file, {.allow_short = allow_short});
  std::vector<Packet> packets;
  for (Packet packet; reader->next(packet);) packets.push_back(packet);
  return packets;
}

std::vector<Packet> read_octets(const Bytes& octets, bool allow_short = false) {
  TemporaryFolder folder;
  write_file(folder / "in", octets);
  return read_all(folder / "in", allow_short);
}

/// What the reader has against a file; it must name the file.
std::string complaint(const Bytes& octets, bool allow_short = false) {
  TemporaryFolder folder;
  const auto file = folder / "in";
  write_file(file, octets);
  try {
    read_all(file, allow_short);
  } catch (const Error& error) {
    const std::string text = error.what();
    REQUIRE(error.kind() == ErrorKind::bad_input);
    REQUIRE(text.rfind(file.string() + ": ", 0) == 0);
    return text.substr(file.string().size() + 2);
  }
  return "taken";
}

std::int64_t ns(Timestamp timestamp) { return static_cast<std::int64_t>(timestamp); }

}  // namespace

TEST_CASE("pcap, micro- and nanoseconds, either byte order") {
  for (const bool little : {true, false}) {
    for (const bool nano : {true, false}) {
      Builder file{little, {}};
      file.pcap_header(nano ? 0xa1b23c4d : 0xa1b2c3d4)
          .record(100, 5, 60, 60)
          .record(100, 5, 1, 1)
          .record(101, 7, 9216, 9216);
      const auto packets = read_octets(file.octets);
      REQUIRE(packets.size() == 3);
      const std::int64_t unit = nano ? 1 : 1000;
      CHECK(ns(packets[0].timestamp) == 100'000'000'000 + 5 * unit);
      CHECK(packets[0].since_first_ns == 0);
      CHECK(packets[1].since_first_ns == 0);
      CHECK(packets[2].since_first_ns == static_cast<std::uint64_t>(1'000'000'000 + 2 * unit));
      CHECK(packets[2].number == 3);
      CHECK(packets[0].octets == Bytes(60, 0x5a));
      CHECK(packets[2].octets.size() == 9216);
    }
  }
  CHECK(read_octets(Builder().pcap_header().octets).empty());
}

TEST_CASE("pcapng: either byte order, several sections and interfaces, blocks without packets") {
  for (const bool little : {true, false}) {
    Builder file{little, {}};
    file.section()
        .interface(file.resolution(9))
        .interface()
        .block(5, Bytes(20))  // statistics
        .enhanced(0, 1'000'000'001, 60, 60)
        .block(0x0bad, Bytes(9))      // custom
        .block(0x40000bad, Bytes(4))  // custom, not to be copied
        .block(4, Bytes(4))           // names
        .block(0x0a, Bytes(12))       // secrets
        .block(0x12345678, Bytes())   // of the future
        .enhanced(1, 1'000'002, 61, 61);
    Builder other{!little, {}};
    other.section().interface().enhanced(0, 3'000'000, 62, 62);
    append(file.octets, other.octets);
    const auto packets = read_octets(file.octets);
    REQUIRE(packets.size() == 3);
    CHECK(ns(packets[0].timestamp) == 1'000'000'001);
    CHECK(ns(packets[1].timestamp) == 1'000'002'000);
    CHECK(ns(packets[2].timestamp) == 3'000'000'000);
    CHECK(packets[2].number == 3);
    CHECK(packets[2].octets.size() == 62);
  }
}

TEST_CASE("pcapng: resolutions and offsets, rounded down to the nanosecond") {
  const auto first = [](const Bytes& options, std::uint64_t units) {
    Builder file;
    file.section().interface(options).enhanced(0, units, 60, 60);
    return read_octets(file.octets).at(0).timestamp;
  };
  const Builder options;
  CHECK(ns(first({}, 1'234'567)) == 1'234'567'000);
  CHECK(ns(first(options.resolution(0), 7)) == 7'000'000'000);
  CHECK(ns(first(options.resolution(9), 7)) == 7);
  CHECK(ns(first(options.resolution(12), 7'999)) == 7);
  CHECK(ns(first(options.resolution(127), std::numeric_limits<std::uint64_t>::max())) == 0);
  CHECK(ns(first(options.resolution(0x80), 3)) == 3'000'000'000);
  CHECK(ns(first(options.resolution(0x81), 3)) == 1'500'000'000);
  CHECK(ns(first(options.resolution(0x80 | 30), 3)) == 2);  // 2.79 ns
  CHECK(ns(first(options.resolution(0xff), std::numeric_limits<std::uint64_t>::max())) == 0);
  CHECK(ns(first(options.offset(1000), 5)) == 1'000'000'005'000);
  CHECK(ns(first(options.offset(-1), 250'000)) == -750'000'000);
  Bytes both = options.resolution(3);
  append(both, options.offset(10));
  CHECK(ns(first(both, 5)) == 10'005'000'000);
  // Behind the end of options nothing counts.
  Bytes ended(4, 0);
  append(ended, options.resolution(9));
  CHECK(ns(first(ended, 1)) == 1000);
  CHECK(first(options.resolution(0), std::numeric_limits<std::uint64_t>::max()) ==
        Timestamp{std::numeric_limits<std::uint64_t>::max()} * 1'000'000'000);
}

TEST_CASE("What is no capture of Ethernet frames is refused") {
  CHECK_THAT(complaint({}), ContainsSubstring("not a capture"));
  CHECK_THAT(complaint({1, 2, 3}), ContainsSubstring("not a capture"));
  CHECK_THAT(complaint(Bytes(100, 'x')), ContainsSubstring("magic number 0x78787878: pcap"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2cd34).octets), ContainsSubstring("magic number"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2c3d4, 101).octets), ContainsSubstring("link type 101: 1 (Ethernet"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2c3d4, 0x24000069).octets), ContainsSubstring("link type 105: 1"));
  CHECK_THAT(complaint(Builder().section().interface({}, 113).octets),
             ContainsSubstring("interface 0: link type 113, 1 (Ethernet) expected"));
  // Used or not.
  CHECK_THAT(complaint(Builder().section().interface().interface({}, 113).enhanced(0, 1, 60, 60).octets),
             ContainsSubstring("interface 1: link type 113"));
  CHECK_THROWS_WITH(read_all("/nonexistent/file"),
                    ContainsSubstring("/nonexistent/file: cannot be read: No such file"));
  CHECK_THROWS_WITH(read_all("/tmp"), ContainsSubstring("/tmp: cannot be read: Is a directory"));
}

TEST_CASE("Packets that cannot be played are named") {
  const auto pcap = [](auto add) {
    Builder file;
    file.pcap_header().record(10, 0, 60, 60);
    add(file);
    return file.octets;
  };
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 60, 61); })),
             Equals("packet 2: captured short: 60 of 61 octets; a whole packet, or --allow-short, expected"));
  CHECK(complaint(pcap([](Builder& file) { file.record(10, 0, 60, 61); }), true) == "taken");
  for (const bool allow_short : {false, true}) {
    CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 61, 60); }), allow_short),
               Equals("packet 2: captured length 61: at most the packet's length, 60 octets, expected"));
  }
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 0, 0); })),
             ContainsSubstring("packet 2: captured length 0: 1 to 9216 octets expected"));
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 0, 5); }), true),
             ContainsSubstring("packet 2: captured length 0"));
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 9217, 9217); })),
             ContainsSubstring("packet 2: captured length 9217"));
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(9, 999'999'999, 60, 60); })),
             ContainsSubstring("packet 2: timestamp 9.999999999 s: goes backwards, at least 10.000000000 s expected"));
  CHECK(complaint(pcap([](Builder& file) { file.record(10, 0, 60, 60); })) == "taken");
  // 2^48 microseconds are 281,474,976.710656 seconds.
  CHECK(complaint(pcap([](Builder& file) { file.record(10 + 281'474'976, 710'655'999, 60, 60); })) == "taken");
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10 + 281'474'976, 710'656'000, 60, 60); })),
             ContainsSubstring("packet 2: timestamp 281474986.710656000 s: less than 2^48 microseconds"));
  CHECK_THAT(complaint(pcap([](Builder& file) { file.put(0, 15); })),
             ContainsSubstring("ends inside the header of packet 2"));
  CHECK_THAT(complaint(pcap([](Builder& file) { file.record(10, 0, 60, 60).octets.pop_back(); })),
             ContainsSubstring("ends inside packet 2"));
  Builder header;
  header.pcap_header().octets.pop_back();
  CHECK_THAT(complaint(header.octets), ContainsSubstring("ends inside the file header"));

  const auto pcapng = [](auto add) {
    Builder file;
    file.section().interface().enhanced(0, 10, 60, 60);
    add(file);
    return file.octets;
  };
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.block(3, Bytes(8)); })),
             ContainsSubstring("packet 2: a Simple Packet Block"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.block(2, Bytes(24)); })),
             ContainsSubstring("packet 2: an obsolete Packet Block"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.enhanced(1, 10, 60, 60); })),
             ContainsSubstring("packet 2: interface 1: one of the 1 described expected"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.section().enhanced(0, 10, 60, 60); })),
             ContainsSubstring("packet 2: interface 0: one of the 0"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.enhanced(0, 9, 60, 60); })),
             ContainsSubstring("packet 2: timestamp 0.000009000 s: goes backwards"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.enhanced(0, 10, 0, 0); })),
             ContainsSubstring("packet 2: captured length 0"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.enhanced(0, 10, 60, 70); })),
             ContainsSubstring("packet 2: captured short: 60 of 70"));
  CHECK_THAT(complaint(pcapng([](Builder& file) {
               file.block(6, file.nested().put(0, 12).put(41, 4).put(41, 4).raw(Bytes(40)).octets);
             })),
             ContainsSubstring("packet 2: captured length 41: the block holds 40 octets"));
  CHECK_THAT(complaint(pcapng([](Builder& file) { file.block(6, Bytes(16)); })),
             ContainsSubstring("packet 2: an Enhanced Packet Block of 16 octets"));
}

TEST_CASE("pcapng files that are broken are refused; a section without an interface is none") {
  Builder whole;
  whole.section().interface(whole.resolution(9)).enhanced(0, 10, 60, 60).block(5, Bytes(8));
  const std::size_t without_tail = whole.octets.size() - 20;
  for (std::size_t size = 0; size < whole.octets.size(); ++size) {
    const bool between_blocks = size == 28 || size == 28 + 28 || size == without_tail;
    INFO(size);
    CHECK((complaint(Bytes(whole.octets.begin(), whole.octets.begin() + static_cast<std::ptrdiff_t>(size))) ==
           "taken") == between_blocks);
  }
  CHECK(read_octets(Builder().section().octets).empty());
  CHECK(read_octets(Builder().section().section().interface().octets).empty());
  CHECK_THAT(complaint(Builder().section().put(5, 4).put(11, 4).put(11, 4).octets),
             ContainsSubstring("block length 11"));
  CHECK_THAT(complaint(Builder().section().put(5, 4).put(14, 4).put(0, 2).put(14, 4).octets),
             ContainsSubstring("block length 14"));
  CHECK_THAT(complaint(Builder().section().put(5, 4).put(16, 4).put(0, 4).put(20, 4).octets),
             ContainsSubstring("block length 16 is repeated behind the block as 20"));
  CHECK_THAT(complaint(Builder().section().put(5, 4).put(0xfffffffc, 4).octets),
             ContainsSubstring("ends inside a block"));
  CHECK_THAT(complaint(Builder().block(0x0a0d0d0a, Bytes(16)).octets), ContainsSubstring("byte-order magic"));
  CHECK_THAT(
      complaint(Builder().block(0x0a0d0d0a, Builder().put(0x1a2b3c4d, 4).put(2, 2).put(0, 2).put(0, 8).octets).octets),
      ContainsSubstring("pcapng version 2.0"));
  CHECK_THAT(complaint(Builder().section().interface(Builder().put(9, 2).put(8, 2).put(0, 4).octets).octets),
             ContainsSubstring("interface 0: option 9 runs over its block"));
  CHECK_THAT(complaint(Builder().section().interface(Builder().put(9, 2).put(2, 2).put(0, 4).octets).octets),
             ContainsSubstring("if_tsresol of 2 octets"));
  CHECK_THAT(complaint(Builder().section().interface(Builder().put(14, 2).put(4, 2).put(0, 4).octets).octets),
             ContainsSubstring("if_tsoffset of 4 octets"));
}

TEST_CASE("FCS: what a file says of it is cut off") {
  const auto kept = [](const Bytes& file, bool allow_short = false) {
    return read_octets(file, allow_short).at(0).octets.size();
  };
  const auto pcap = [](std::uint32_t link, std::size_t captured, std::size_t length) {
    return Builder().pcap_header(0xa1b2c3d4, link).record(10, 0, captured, length).octets;
  };
  SECTION("pcap: the top four bits, in units of 16 bits, where 0x04000000 is set") {
    CHECK(kept(pcap(0x24000001, 64, 64)) == 60);
    CHECK(kept(pcap(0x14000001, 64, 64)) == 62);
    CHECK(kept(pcap(0xf4000001, 64, 64)) == 34);
    CHECK(kept(pcap(0x04000001, 64, 64)) == 64);  // a length of 0 is none
    CHECK(kept(pcap(0x20000001, 64, 64)) == 64);  // not said to be there
    CHECK(kept(pcap(0xfbff0001, 64, 64)) == 64);
    CHECK(kept(pcap(0x2fff0001, 64, 64)) == 60);
    Builder big{false, {}};
    CHECK(kept(big.pcap_header(0xa1b2c3d4, 0x24000001).record(10, 0, 64, 64).octets) == 60);
  }
  SECTION("It is the end that goes") {
    Bytes file = pcap(0x24000001, 64, 64);
    file[24 + 16 + 59] = 0x77;
    file[24 + 16 + 60] = 0x78;
    CHECK(read_octets(file).at(0).octets.back() == 0x77);
  }
  SECTION("It is the end of the packet, not of what was captured") {
    CHECK(kept(pcap(0x24000001, 63, 64), true) == 60);
    CHECK(kept(pcap(0x24000001, 60, 64), true) == 60);
    CHECK(kept(pcap(0x24000001, 59, 64), true) == 59);
    CHECK(kept(pcap(0x24000001, 1, 5), true) == 1);
    CHECK(kept(pcap(0x24000001, 4, 5), true) == 1);
  }
  SECTION("Limits hold behind the cut") {
    CHECK(kept(pcap(0x24000001, 5, 5)) == 1);
    CHECK(kept(pcap(0x24000001, 9220, 9220)) == 9216);
    CHECK_THAT(complaint(pcap(0x24000001, 9221, 9221)),
               Equals("packet 1: captured length 9221, 9217 without FCS: 1 to 9216 octets expected"));
    for (const std::size_t length : {4, 1, 0}) {
      CHECK_THAT(complaint(pcap(0x24000001, length, length)),
                 Equals("packet 1: length " + std::to_string(length) + ": more than its FCS of 4 octets expected"));
    }
    CHECK_THAT(complaint(pcap(0x24000001, 2, 4), true), ContainsSubstring("packet 1: length 4: more than its FCS"));
    CHECK_THAT(complaint(pcap(0x24000001, 0, 64), true), ContainsSubstring("packet 1: captured length 0: 1 to 9216"));
    CHECK_THAT(complaint(pcap(0x24000001, 60, 64)), ContainsSubstring("packet 1: captured short: 60 of 64"));
  }
  for (const bool little : {true, false}) {
    const Builder empty{little, {}};
    const auto pcapng = [&](const Bytes& interface, const Bytes& packet = {}, std::size_t octets = 64) {
      Builder file = empty;
      return file.section().interface(interface).enhanced(0, 10, octets, octets, packet).octets;
    };
    const auto both = [](Bytes one, const Bytes& other) {
      append(one, other);
      return one;
    };
    SECTION("pcapng: if_fcslen is 4 octets or 32 bits, or 0 " + std::to_string(little)) {
      CHECK(kept(pcapng(empty.fcslen(4))) == 60);
      CHECK(kept(pcapng(empty.fcslen(32))) == 60);
      CHECK(kept(pcapng(empty.fcslen(0))) == 64);
      CHECK(kept(pcapng(empty.fcslen(4), {}, 63)) == 59);
      for (const int bad : {1, 2, 3, 5, 8, 16, 31, 33, 255}) {
        CHECK_THAT(complaint(pcapng(empty.fcslen(static_cast<std::uint8_t>(bad)), empty.packet_flags(4U << 5))),
                   Equals("interface 0: if_fcslen " + std::to_string(bad) + ": 0, 4 or 32 expected"));
      }
      Builder unused = empty;
      unused.section().interface().section().interface().interface(empty.fcslen(7)).enhanced(0, 10, 64, 64);
      CHECK_THAT(complaint(unused.octets), ContainsSubstring("interface 1: if_fcslen 7"));
    }
    SECTION("pcapng: epb_flags bits 5 to 8 win, if not 0 " + std::to_string(little)) {
      CHECK(kept(pcapng({}, empty.packet_flags(4U << 5))) == 60);
      CHECK(kept(pcapng({}, empty.packet_flags(0xfffffe1f))) == 64);
      CHECK(kept(pcapng({}, empty.packet_flags(0xffffffff))) == 49);
      CHECK(kept(pcapng(empty.fcslen(4), empty.packet_flags(1U << 5))) == 63);
      CHECK(kept(pcapng(empty.fcslen(4), empty.packet_flags(0))) == 60);
      CHECK(kept(pcapng(empty.fcslen(0), empty.packet_flags(2U << 5), 61)) == 59);
    }
    SECTION("pcapng: of an option given twice the last holds " + std::to_string(little)) {
      CHECK(kept(pcapng(both(empty.fcslen(4), empty.fcslen(0)))) == 64);
      CHECK(kept(pcapng({}, both(empty.packet_flags(4U << 5), empty.packet_flags(2U << 5)))) == 62);
      CHECK(kept(pcapng({}, both(Bytes(4), empty.packet_flags(4U << 5)))) == 64);  // behind the end of options
    }
    SECTION("pcapng: options cut or of the wrong size " + std::to_string(little)) {
      Builder option = empty;
      option.put(13, 2).put(2, 2).put(4, 4);
      CHECK_THAT(complaint(pcapng(option.octets)), Equals("interface 0: if_fcslen of 2 octets, 1 expected"));
      option = empty;
      option.put(2, 2).put(2, 2).put(4, 4);
      CHECK_THAT(complaint(pcapng({}, option.octets)), Equals("packet 1: epb_flags of 2 octets, 4 expected"));
      option = empty;
      option.put(2988, 2).put(5, 2).put(0, 4);
      CHECK_THAT(complaint(pcapng({}, option.octets)), Equals("packet 1: option 2988 runs over its block"));
    }
  }
}

TEST_CASE("Seconds are shown with nine decimals, whatever their size") {
  CHECK(format_seconds(0) == "0.000000000 s");
  CHECK(format_seconds(-750'000'000) == "-0.750000000 s");
  CHECK(format_seconds(-1'250'000'001) == "-1.250000001 s");
  CHECK(format_seconds(Timestamp{std::numeric_limits<std::uint64_t>::max()} * 1'000'000'000) ==
        "18446744073709551615.000000000 s");
}

TEST_CASE("One file by any name") {
  TemporaryFolder folder;
  write_file(folder / "a", std::string("a"));
  write_file(folder / "b", std::string("b"));
  std::filesystem::create_hard_link(folder / "a", folder / "hard");
  std::filesystem::create_symlink("a", folder / "soft");
  std::filesystem::create_symlink("new", folder / "dangling");
  std::filesystem::create_symlink("dangling", folder / "chain");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_symlink(folder.path(), folder / "loop");
  CHECK(is_same_file(folder / "a", folder / "a"));
  CHECK(is_same_file(folder / "a", folder / "hard"));
  CHECK(is_same_file(folder / "a", folder / "soft"));
  CHECK(is_same_file(folder / "soft", folder / "hard"));
  CHECK(is_same_file(folder / "a", folder / "sub/../a"));
  CHECK(is_same_file(folder / "a", folder / "loop/a"));
  CHECK_FALSE(is_same_file(folder / "a", folder / "b"));
  // There or not.
  CHECK(is_same_file(folder / "new", folder / "new"));
  CHECK(is_same_file(folder / "new", folder / "sub/../new"));
  CHECK(is_same_file(folder / "new", folder / "loop/new"));
  CHECK(is_same_file(folder / "new", folder / "dangling"));
  CHECK(is_same_file(folder / "new", folder / "chain"));
  CHECK(is_same_file("not-there", "./not-there"));
  CHECK_FALSE(is_same_file(folder / "new", folder / "a"));
  CHECK_FALSE(is_same_file(folder / "new", folder / "newer"));
  CHECK_FALSE(is_same_file("/dev/null", "/dev/null"));
  OutputFile file(folder / "chain");
  file.commit();
  CHECK(std::filesystem::is_symlink(folder / "dangling"));
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / "new")));
}

TEST_CASE("tshark and editcap read what we write, and we read what they write") {
  TemporaryFolder folder;
  PcapWriter pcap(folder / "a.pcap");
  PcapngWriter pcapng(folder / "a.pcapng", {"network", "host"});
  std::string expected;
  for (unsigned i = 0; i < 5; ++i) {
    const Bytes frame(60 + i, static_cast<std::uint8_t>(i));
    const std::uint64_t time = 1'700'000'000'000'000'000 + i * 1'000'000'001ULL;
    pcap.write(Timestamp{time}, frame);
    pcapng.write(i % 2, time, frame, i == 3 ? "verdict: accepted – ü" : "");
    expected +=
        std::to_string(1'700'000'000 + i) + ".00000000" + std::to_string(i) + "\t" + std::to_string(60 + i) + "\n";
  }
  CHECK_FALSE(std::filesystem::exists(folder / "a.pcap"));
  pcap.commit();
  CHECK(std::filesystem::exists(folder / "a.pcap"));
  const std::uint64_t size = pcapng.size();
  pcapng.commit();
  CHECK(std::filesystem::file_size(folder / "a.pcapng") == size);

  CHECK(tshark_fields(folder / "a.pcap", "frame.time_epoch frame.len") == expected);
  CHECK(tshark_fields(folder / "a.pcapng", "frame.time_epoch frame.len") == expected);
  CHECK(tshark_fields(folder / "a.pcapng", "frame.interface_name frame.comment", "-Y 'frame.number in {3,4}'") ==
        "network\t\nhost\tverdict: accepted – ü\n");
  CHECK_THAT(run_command("capinfos -T -t -E '" + (folder / "a.pcap").string() + "'"),
             ContainsSubstring("a.pcap\tnsecpcap\tether"));

  for (const char* format : {"pcap", "nsecpcap", "pcapng"}) {
    for (const char* input : {"a.pcap", "a.pcapng"}) {
      const auto converted = folder / (std::string(input) + "." + format);
      run_command(std::string("editcap -F ") + format + " '" + (folder / input).string() + "' '" + converted.string() +
                  "'");
      const auto packets = read_all(converted);
      REQUIRE(packets.size() == 5);
      for (unsigned i = 0; i < 5; ++i) {
        CHECK(packets[i].octets == Bytes(60 + i, static_cast<std::uint8_t>(i)));
        const std::uint64_t exact = i * 1'000'000'001ULL;
        CHECK(packets[i].since_first_ns == (format == std::string("pcap") ? exact / 1000 * 1000 : exact));
      }
    }
  }
}

TEST_CASE("An output appears whole or not at all") {
  TemporaryFolder folder;
  const auto file = folder / "out.pcap";
  write_file(file, "what was there");
  { PcapWriter writer(file); }
  CHECK(read_file(file) == "what was there");
  std::filesystem::create_symlink(file, folder / "link");
  PcapWriter writer(folder / "link");
  writer.write(0, Bytes(60));
  writer.commit();
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_all(file).size() == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  CHECK_THROWS_WITH(PcapWriter(folder / "no/such/folder"),
                    ContainsSubstring("no/such/folder: cannot be written: No such file"));
  CHECK_THROWS_AS(OutputFile("/tmp"), Error);
  CHECK_THROWS_WITH(writer.write(-1, Bytes(60)), ContainsSubstring("time -0.000000001 s: cannot be written"));
}

TEST_CASE("A pipe is written directly, and stays one") {
  TemporaryFolder folder;
  const auto path = folder / "pipe";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int reader = open(path.c_str(), O_RDWR);  // so that opening it for writing does not wait
  OutputFile pipe(path);
  pipe.stream() << "through";
  pipe.commit();
  char text[8] = {};
  CHECK(read(reader, text, 7) == 7);
  CHECK(std::string(text) == "through");
  close(reader);
  CHECK(std::filesystem::is_fifo(path));
}

TEST_CASE("An output that does not fit is no output") {
  TemporaryFolder folder;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{10'000, before.rlim_max};
  OutputFile file(folder / "out");
  file.stream() << std::string(100'000, 'x');
  REQUIRE(setrlimit(RLIMIT_FSIZE, &little) == 0);
  file.stream() << std::string(100'000, 'x');
  CHECK_THROWS_WITH(file.commit(), ContainsSubstring("out: cannot be written"));
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
}
