// SPDX-License-Identifier: Apache-2.0
// Captures longer than what is read of a file at once.
#include "capture/capture_writer.hpp"
#include "sim/capture_builder.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

Bytes frame(unsigned i) { return Bytes(60 + i * 37 % 1'400, static_cast<std::uint8_t>(i)); }

void check(const std::filesystem::path& capture, unsigned frames) {
  const auto reader = CaptureReader::open(capture, {});
  unsigned read = 0;
  bool right = true;
  for (Packet packet; reader->next(packet); ++read) right = right && packet.octets == frame(read);
  CHECK(read == frames);
  CHECK(right);
}

}  // namespace

TEST_CASE("Packets that lie over the border of two blocks of the file are read whole") {
  TemporaryFolder folder;
  constexpr unsigned frames = 1'000;  // 700 kB
  PcapWriter pcap(folder / "a.pcap");
  PcapngWriter pcapng(folder / "a.pcapng", {"net"});
  for (unsigned i = 0; i < frames; ++i) {
    pcap.write(i, frame(i));
    pcapng.write(0, i, frame(i));
  }
  pcap.commit();
  pcapng.commit();
  for (const char* name : {"a.pcap", "a.pcapng"}) {
    INFO(name);
    check(folder / name, frames);
    const std::string whole = read_file(folder / name);
    for (const std::size_t octets : {std::size_t{1} << 16, (std::size_t{1} << 17) - 1}) {
      write_file(folder / "cut", whole.substr(0, octets));
      const auto reader = CaptureReader::open(folder / "cut", {});
      Packet packet;
      CHECK_THROWS_WITH(
          [&] {
            while (reader->next(packet)) {
            }
          }(),
          ContainsSubstring("cut: ends inside "));
    }
  }
}
