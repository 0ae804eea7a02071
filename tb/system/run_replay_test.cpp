// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind, replayed: every frame of the captures gets the verdict that it got in the run.
#include <map>
#include <sstream>

#include "catch.hpp"
#include "system/program.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

using Verdicts = std::map<std::uint64_t, std::string>;  ///< by the number of the frame in the capture

/// As the captures' comments say.
Verdicts verdicts_of_run(const std::filesystem::path& capture) {
  std::istringstream lines(tshark_fields(capture, "frame.number frame.interface_id frame.comment"));
  Verdicts verdicts;
  std::uint64_t number = 0;
  for (std::string interface, comment; lines >> number >> interface && std::getline(lines, comment);) {
    if (interface == "0" && comment != "\tsent by the core")
      verdicts[number] = comment.substr(1, comment.find_first_of(",;") - 1);
  }
  return verdicts;
}

Verdicts verdicts_of_replay(const TemporaryFolder& folder, const std::filesystem::path& run, const char* capture) {
  const auto csv = folder / "verdicts.csv";
  const ProgramResult result =
      run_program(folder, {"replay", "--engine", "model", "--sessions", (run / "sessions.json").string(), "--verdicts",
                           csv.string(), (run / capture).string()});
  INFO(result.err);
  REQUIRE(result.status == 0);
  std::istringstream lines(read_file(csv));
  std::string line;
  std::getline(lines, line);
  Verdicts verdicts;
  while (std::getline(lines, line)) {
    const std::size_t verdict = line.find(',', line.find(',') + 1) + 1;
    verdicts[std::stoull(line)] = line.substr(verdict, line.find(',', verdict) - verdict);
  }
  return verdicts;
}

void check_run(std::vector<std::string> arguments, std::size_t least) {
  TemporaryFolder folder;
  const auto run = folder / "run";
  arguments.insert(arguments.begin(), {"run", "--engine", "model", "--out", run.string()});
  REQUIRE(run_program(folder, arguments).status == 0);
  for (const char* capture : {"network.pcapng", "malformed.pcapng"}) {
    const Verdicts expected = verdicts_of_run(run / capture);
    const Verdicts replayed = verdicts_of_replay(folder, run, capture);
    std::size_t differences = 0;
    for (const auto& [number, verdict] : expected) {
      const auto found = replayed.find(number);
      if (found != replayed.end() && found->second == verdict) continue;
      if (differences++ < 5) {
        UNSCOPED_INFO(capture << ": frame " << number << ": " << verdict << " in the run, "
                              << (found == replayed.end() ? "nothing" : found->second) << " in the replay");
      }
    }
    CHECK(differences == 0);
    CHECK(replayed.size() == expected.size());
    if (capture == std::string("network.pcapng")) CHECK(expected.size() >= least);
  }
}

}  // namespace

TEST_CASE("The default run, replayed") { check_run({}, 2'000); }
TEST_CASE("A run without attackers, replayed") { check_run({"--attack", "none", "--ctas", "64"}, 120); }
TEST_CASE("A run of many losses and short sessions, its whole flood captured, replayed") {
  check_run({"--seed", "7", "--ctas", "12", "--loss", "0.2", "--capture", "all"}, 100'000);
}
