// SPDX-License-Identifier: Apache-2.0
// Captures as they are written, and output files of any kind.
#include "capture/capture_writer.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <limits>

#include "sim/capture_builder.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

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
