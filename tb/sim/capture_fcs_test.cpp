// SPDX-License-Identifier: Apache-2.0
// Captures whose frames end with a frame check sequence.
#include "sim/capture_builder.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

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
               StartsWith("packet 1: captured length 9221, 9217 without FCS: 1 to 9216 octets expected, as ethtool"));
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
