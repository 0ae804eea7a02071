// SPDX-License-Identifier: Apache-2.0
// Captures as they are read.
#include <limits>

#include "sim/capture_builder.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

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

TEST_CASE("What is no capture, or of a link type that is not known, is refused") {
  CHECK_THAT(complaint({}), ContainsSubstring("not a capture"));
  CHECK_THAT(complaint({1, 2, 3}), ContainsSubstring("not a capture"));
  CHECK_THAT(complaint(Bytes(100, 'x')), ContainsSubstring("magic number 0x78787878: pcap"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2cd34).octets), ContainsSubstring("magic number"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2c3d4, 12).octets), ContainsSubstring("link type 12: 1 (Ethernet"));
  CHECK_THAT(complaint(Builder().pcap_header(0xa1b2c3d4, 0x24000069).octets), ContainsSubstring("link type 105: 1"));
  CHECK_THAT(complaint(Builder().section().interface({}, 105).enhanced(0, 1, 60, 60).octets),
             ContainsSubstring("packet 1: interface 0: link type 105: 1 (Ethernet), 113 or 276 (Linux cooked)"));
  CHECK(complaint(Builder().section().interface().interface({}, 105).enhanced(0, 1, 60, 60).octets) == "taken");
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
