// SPDX-License-Identifier: Apache-2.0
// Captures as people have them: with an odd packet, compressed, of Linux' device `any`.
#include "capture/link_type.hpp"
#include "sim/capture_builder.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

struct Lenient {
  std::vector<std::uint64_t> numbers;  ///< of the packets that were read
  std::uint64_t skipped = 0;
  std::string first;
};

Lenient read_leniently(const Bytes& octets) {
  TemporaryFolder folder;
  write_file(folder / "in", octets);
  const auto reader = CaptureReader::open(folder / "in", {.lenient = true});
  Lenient result;
  for (Packet packet; reader->next(packet);) result.numbers.push_back(packet.number);
  result.skipped = reader->skipped();
  result.first = reader->first_skipped();
  return result;
}

using Numbers = std::vector<std::uint64_t>;

/// The file compressed by gzip, as octets.
Bytes gzip(const Bytes& octets) {
  TemporaryFolder folder;
  write_file(folder / "in", octets);
  run_command("gzip -n '" + (folder / "in").string() + "'");
  const std::string text = read_file(folder / "in.gz");
  return {text.begin(), text.end()};
}

const Bytes arp = Bytes(28, 7);

Bytes cooked(std::uint16_t protocol, std::size_t address_length = 6) {
  Bytes packet = {0, 0, 0, 1, 0, static_cast<std::uint8_t>(address_length), 2, 0, 0, 0, 0, 9, 0, 0};
  append_big_endian(packet, protocol, 2);
  append(packet, arp);
  return packet;
}
Bytes cooked2(std::uint16_t protocol) {
  Bytes packet;
  append_big_endian(packet, protocol, 2);
  append(packet, Bytes{0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0});
  append(packet, arp);
  return packet;
}
Bytes ethernet(std::uint16_t type, const Bytes& source = {2, 0, 0, 0, 0, 9}) {
  Bytes frame(6, 0);
  append(frame, source);
  append_big_endian(frame, type, 2);
  append(frame, arp);
  return frame;
}

/// A capture of one packet.
Bytes pcap(std::uint32_t link, const Bytes& packet) {
  return Builder()
      .pcap_header(0xa1b23c4d, link)
      .put(1, 4)
      .put(0, 4)
      .put(packet.size(), 4)
      .put(packet.size(), 4)
      .raw(packet)
      .octets;
}

}  // namespace

TEST_CASE("pcap: an odd packet is skipped and counted if asked, and the others keep their numbers") {
  Builder file;
  file.pcap_header(0xa1b2c3d4);
  file.record(9, 1'000'000, 60, 60);    // 1: microseconds
  file.record(10, 0, 60, 60);           // 2
  file.record(10, 0, 20'000, 20'000);   // 3: a frame that was to be cut by the network device
  file.record(9, 999'999, 60, 60);      // 4: back
  file.record(10, 0, 0, 0);             // 5
  file.record(10, 0, 61, 60);           // 6
  file.record(10, 0, 60, 61);           // 7: cut
  file.record(11, 0, 60, 60);           // 8
  file.record(300'000'000, 0, 60, 60);  // 9: 2^48 us and more behind packet 2
  file.record(12, 0, 60, 60);           // 10
  const Lenient whole = read_leniently(file.octets);
  CHECK(whole.numbers == Numbers{2, 8, 10});
  CHECK(whole.skipped == 7);
  CHECK_THAT(whole.first,
             ContainsSubstring("/in: packet 1: timestamp: 1000000 microseconds: fewer than 1000000 expected"));
  CHECK(complaint(file.octets) == "packet 1: timestamp: 1000000 microseconds: fewer than 1000000 expected");

  file.octets.pop_back();
  CHECK(read_leniently(file.octets).numbers == Numbers{2, 8});
  CHECK(read_leniently(file.octets).skipped == 8);
  CHECK(read_leniently(Builder().pcap_header().record(1, 0, 60, 60).put(0, 7).octets).numbers == Numbers{1});
  CHECK(read_leniently(Builder().pcap_header().record(1, 0, 60, 60).put(0, 7).octets).skipped == 1);
  CHECK_THAT(read_leniently(Builder().pcap_header().record(1, 1'000'000'000, 60, 60).octets).first,
             ContainsSubstring("packet 1: timestamp: 1000000000 nanoseconds: fewer than 1000000000 expected"));
  CHECK(read_leniently(Builder().pcap_header().record(1, 999'999'999, 60, 60).octets).skipped == 0);
}

TEST_CASE("pcapng: an odd packet is skipped and counted if asked; what is wrong with the file stays an error") {
  Builder file;
  file.section().interface().block(3, Bytes(8)).enhanced(0, 10, 60, 60).block(2, Bytes(24)).enhanced(1, 10, 60, 60);
  file.enhanced(0, 9, 60, 60).enhanced(0, 10, 20'000, 20'000).enhanced(0, 10, 60, 70).block(6, Bytes(12));
  file.enhanced(0, 11, 60, 60);
  file.interface({}, 105).enhanced(1, 12, 60, 60).enhanced(0, 12, 60, 60, Bytes{1, 0, 9, 0});
  file.enhanced(0, 12, 60, 60, Bytes{2, 0, 1, 0, 0, 0, 0, 0}).enhanced(0, 12, 60, 60);
  const Lenient whole = read_leniently(file.octets);
  CHECK(whole.numbers == Numbers{2, 9, 13});
  CHECK(whole.skipped == 10);
  CHECK_THAT(whole.first, ContainsSubstring("packet 1: a Simple Packet Block"));
  file.octets.pop_back();
  CHECK(read_leniently(file.octets).numbers == Numbers{2, 9});
  CHECK(read_leniently(file.octets).skipped == 11);
  CHECK_THROWS_WITH(read_leniently(Builder().pcap_header(0xa1b2c3d4, 105).octets), ContainsSubstring("link type 105"));
  CHECK_THROWS_WITH(read_leniently(Bytes(100, 'x')), ContainsSubstring("magic number"));
}

TEST_CASE("A capture compressed by gzip is read as what it holds, and one that is cut or damaged is refused") {
  Builder pcap;
  pcap.pcap_header().record(1, 0, 60, 60).record(2, 0, 61, 61);
  Builder pcapng;
  pcapng.section().interface().enhanced(0, 10, 60, 60);
  CHECK(read_octets(gzip(pcap.octets)).size() == 2);
  CHECK(read_octets(gzip(pcap.octets))[1].octets == read_octets(pcap.octets)[1].octets);
  CHECK(read_octets(gzip(pcapng.octets)).size() == 1);

  Bytes cut = gzip(pcap.octets);
  cut.resize(cut.size() - 8);  // its checksum and length
  CHECK_THAT(complaint(cut), ContainsSubstring("its gzip stream has no end"));
  Bytes damaged = gzip(pcap.octets);
  damaged[damaged.size() - 6] ^= 1;  // of the checksum
  CHECK_THAT(complaint(damaged), ContainsSubstring("cannot be read: gzip: "));
  CHECK_THAT(complaint(gzip(Bytes(100, 'x'))), ContainsSubstring("magic number 0x78787878"));
}

TEST_CASE("Packets of Linux' device any become the Ethernet frames that they were") {
  CHECK(read_octets(pcap(113, cooked(0x0806)))[0].octets == ethernet(0x0806));
  CHECK(read_octets(pcap(276, cooked2(0x0806)))[0].octets == ethernet(0x0806));
  CHECK(read_octets(pcap(113, cooked(0x0806, 0)))[0].octets == ethernet(0x0806, Bytes(6, 0)));
  CHECK(read_octets(pcap(113, cooked(4)))[0].octets == ethernet(28));  // 802.2: a length
  CHECK(read_octets(pcap(113, Bytes(16, 0)))[0].octets == Bytes(14, 0));
  CHECK_THAT(complaint(pcap(113, Bytes(15, 0))), ContainsSubstring("packet 1: captured length 15: at least the 16"));
  CHECK_THAT(complaint(pcap(276, Bytes(19, 0))), ContainsSubstring("packet 1: captured length 19: at least the 20"));

  Builder both;
  both.section().interface({}, 276).interface().enhanced(0, 1, 60, 60).enhanced(1, 1, 60, 60);
  const auto packets = read_octets(both.octets);
  REQUIRE(packets.size() == 2);
  CHECK(packets[0].octets.size() == 54);
  CHECK(packets[1].octets.size() == 60);
}

TEST_CASE("Packets of IP, alone or of a loopback device, become Ethernet frames by its version") {
  for (const auto& [version, type] : {std::pair{0x45, 0x0800}, std::pair{0x60, 0x86dd}}) {
    Bytes ip(40, 7);
    ip[0] = static_cast<std::uint8_t>(version);
    Bytes frame(12, 0);
    append_big_endian(frame, static_cast<std::uint64_t>(type), 2);
    append(frame, ip);
    for (const std::uint32_t link : {101U, 228U, 229U}) CHECK(read_octets(pcap(link, ip))[0].octets == frame);
    for (const std::uint8_t family : {2, 30}) {  // of either octet order, and whatever it says
      for (const Bytes& header : {Bytes{family, 0, 0, 0}, Bytes{0, 0, 0, family}}) {
        Bytes packet = header;
        append(packet, ip);
        for (const std::uint32_t link : {0U, 108U}) CHECK(read_octets(pcap(link, packet))[0].octets == frame);
      }
    }
  }
  const std::string neither = "packet 1: neither IPv4 nor IPv6, as one of its link type is expected to be";
  CHECK(complaint(pcap(101, Bytes(40, 7))) == neither);
  CHECK(complaint(pcap(0, Bytes(4, 0))) == neither);
  CHECK_THAT(complaint(pcap(0, Bytes(3, 0))), ContainsSubstring("packet 1: captured length 3: at least the 4"));
  CHECK_THAT(complaint(pcap(228, Bytes(9'203, 0x45))),
             ContainsSubstring("packet 1: captured length 9203, 9217 as Ethernet: 1 to 9216 octets expected"));
  CHECK(complaint(pcap(228, Bytes(9'202, 0x45))) == "taken");
}
