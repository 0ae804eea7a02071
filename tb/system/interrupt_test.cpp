// SPDX-License-Identifier: Apache-2.0
// A signal while a core starts, which takes seconds: every command ends within one, and leaves nothing behind.
#include <chrono>
#include <functional>
#include <thread>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "system/program.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

#ifdef REVEILLE_HAS_RTL
constexpr const char* engine = "lockstep";
#else
constexpr const char* engine = "model";
#endif

/// Sends the signal as soon as `started` says that the core starts.
ProgramResult interrupt(const TemporaryFolder& folder, const std::vector<std::string>& arguments, int signal,
                        const std::function<bool()>& started) {
  Program program(folder, arguments);
  for (int tries = 0; !started(); ++tries) {
    REQUIRE(tries < 6'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = std::chrono::steady_clock::now();
  program.signal(signal);
  ProgramResult result = program.wait();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(result.status == 130);
  CHECK_THAT(result.err, ContainsSubstring("interrupted"));
  return result;
}

}  // namespace

TEST_CASE("run: a signal in the core's start, exit 130, and what was there before is as it was") {
  TemporaryFolder folder;
  const auto made = folder / "made";
  const auto out = made / "run";
  const std::vector<std::string> arguments{"run", "--engine", engine, "--ctas", "4", "--out", out.string()};
  const ProgramResult result =
      interrupt(folder, arguments, SIGINT, [&] { return std::filesystem::exists(out) && !is_empty(out); });
  CHECK_THAT(result.err, ContainsSubstring("no output is written"));
  CHECK_THAT(result.out, !ContainsSubstring("Report:"));
  CHECK_FALSE(std::filesystem::exists(made));

  std::filesystem::create_directories(out);
  write_file(out / "difference.fst", std::string("of another day"));
  interrupt(folder, arguments, SIGTERM,
            [&] { return std::distance(std::filesystem::directory_iterator(out), {}) > 1; });
  CHECK(std::distance(std::filesystem::directory_iterator(out), {}) == 1);
  CHECK(read_file(out / "difference.fst") == "of another day");
}

TEST_CASE("replay: a signal in the core's start, exit 130, nothing written") {
  TemporaryFolder folder;
  {
    PcapWriter writer(folder / "in.pcap");
    writer.write(0, Bytes(60, 1));
    writer.commit();
  }
  const auto page = folder / "page";
  interrupt(folder,
            {"replay", "--engine", engine, "--verdicts", (folder / "v.csv").string(), "--report", page.string(),
             (folder / "in.pcap").string()},
            SIGINT, [&] { return std::filesystem::exists(page) && !is_empty(page); });
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("bench: a signal in a core's start, exit 130") {
  TemporaryFolder folder;
  std::vector<std::string> arguments{"bench", "--frames", "100", "--line-frames", "100"};
  SECTION("of an engine") {
#ifdef REVEILLE_HAS_RTL
    const char* last = "model, frames of 1000 octets";
#else
    const char* last = "model, frames of 60 octets";
#endif
    interrupt(folder, arguments, SIGINT, [&] {
      return std::filesystem::exists(folder / "stdout") && read_file(folder / "stdout").find(last) != std::string::npos;
    });
  }
}
