// SPDX-License-Identifier: Apache-2.0
// `reveille run`: bad input, and Ctrl-C.
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "system/judge_capture.hpp"

using namespace reveille;
using namespace reveille::sim::test;

TEST_CASE("Bad command lines: exit 2, a message with key, value and expectation, nothing written") {
  TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  struct Call {
    std::vector<std::string> arguments;
    std::vector<std::string> words;
  };
  const Call calls[] = {
      {{"--nonsense"}, {"--nonsense"}},
      {{"--ctas", "many"}, {"--ctas", "many"}},
      {{"--ctas", "-1"}, {"--ctas", "-1"}},
      {{"--ctas", "0"}, {"ctas", "0", "1 to 4000"}},
      {{"--ctas", "4001"}, {"ctas", "4001", "1 to 4000"}},
      {{"--seed", "x"}, {"--seed", "x"}},
      {{"--loss", "1.5"}, {"loss", "1.5", "0 to 1"}},
      {{"--loss", "nan"}, {"loss", "nan", "0 to 1"}},
      {{"--loss", "a lot"}, {"--loss", "a lot"}},
      {{"--duration", "72"}, {"--duration", "\"72\"", "us, ms or s"}},
      {{"--duration", "1h"}, {"--duration", "\"1h\"", "us, ms or s"}},
      {{"--duration", "-1ms"}, {"--duration", "\"-1ms\"", "us, ms or s"}},
      {{"--duration", "0ms"}, {"duration_us", "0", "1 to"}},
      {{"--attack", "garbage,bogus"}, {"--attack", "\"bogus\"", "forged-sa-recovered"}},
      {{"--attack", ""}, {"--attack", "\"\"", "none"}},
      {{"--engine", "fpga"}, {"--engine", "fpga", "lockstep"}},
      {{"--kdc", "heimdal"}, {"--kdc", "heimdal", "mit"}},
      {{"--capture", "none"}, {"--capture", "none", "sample"}},
      {{"--scenario", "/nonexistent.json"}, {"/nonexistent.json", "cannot be read"}},
  };
  for (const auto& [arguments, words] : calls) {
    std::vector<std::string> all{"run", "--engine", "model", "--out", out};
    if (arguments.front() == "--engine") all = {"run", "--out", out};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = run_program(folder, all);
    INFO(arguments.front() << ": " << result.err);
    CHECK(result.status == 2);
    for (const std::string& word : words) CHECK_THAT(result.err, ContainsSubstring(word));
    CHECK(result.out.empty());
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE("Bad scenario files: exit 2, a message with file, key, value and expectation, nothing written") {
  TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const auto file = folder / "story.json";
  const std::pair<std::string, std::vector<std::string>> files[] = {
      {"", {"not JSON"}},
      {"{", {"not JSON"}},
      {"[]", {"JSON object"}},
      {R"({"loss": 1e999})", {"not JSON", "1e999"}},
      {R"({"losss": 0.1})", {"losss", "0.1", "docs/scenario.md"}},
      {R"({"loss": 0.1, "loss": 0.2})", {"loss", "twice"}},
      {R"({"loss": "high"})", {"loss", "\"high\"", "a number"}},
      {R"({"ctas": 2.5})", {"ctas", "2.5", "an integer"}},
      {R"({"ctas": -2})", {"ctas", "-2", "not negative"}},
      {R"({"ctas": 100000})", {"ctas", "100000", "1 to 4000"}},
      {R"({"wake_tries": 16})", {"wake_tries", "16", "1 to 15"}},
      {R"({"attacks": ["garbage"]})", {"attacks", "[\"garbage\"]", "a string"}},
      {R"({"attacks": "garbage,bogus"})", {"attacks", "\"bogus\"", "spoof"}},
      {R"({"delay_min_us": 300})", {"delay_min_us", "300", "delay_max_us"}},
      {R"({"dead_share": 0.6, "late_share": 0.6})", {"dead_share", "1.22", "no more than 1"}},
  };
  for (const auto& [text, words] : files) {
    write_file(file, text);
    const ProgramResult result =
        run_program(folder, {"run", "--engine", "model", "--out", out, "--scenario", file.string()});
    INFO(text << ": " << result.err);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring(file.string()));
    for (const std::string& word : words) CHECK_THAT(result.err, ContainsSubstring(word));
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE("A place that cannot be a folder: exit 2, and what stands there stays") {
  TemporaryFolder folder;
  write_file(folder / "file", std::string("mine"));
  const ProgramResult result = run_program(
      folder, {"run", "--engine", "model", "--ctas", "1", "--duration", "10us", "--out", (folder / "file").string()});
  CHECK(result.status == 2);
  CHECK_THAT(result.err, ContainsSubstring("--out") && ContainsSubstring((folder / "file").string()) &&
                             ContainsSubstring("folder"));
  CHECK(read_file(folder / "file") == "mine");
}

TEST_CASE("Ctrl-C: the report of what was done so far, exit 130") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  Program program(folder, {"run", "--engine", "model", "--ctas", "16", "--seed", "7", "--duration", "500ms", "--out",
                           run.string()});
  // A tenth of the run, by when all are established, as run_test.cpp shows.
  for (int tries = 0; program.progress().find(" 10 %") == std::string::npos; ++tries) {
    REQUIRE(tries < 3'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  program.signal(SIGINT);
  const ProgramResult result = program.wait();
  CHECK(result.status == 130);
  CHECK_THAT(result.out, ContainsSubstring("interrupted"));
  const auto report = nlohmann::json::parse(read_file(run / "report.json"));
  CHECK(report.at("interrupted") == true);
  CHECK(report.at("simulated_us") < 500'000);
  CHECK(report.at("sessions").at("established") == 15);
  CHECK_THAT(read_file(run / "report.html"), ContainsSubstring("Interrupted."));
  CHECK(judge_capture(run).true_frames.at("sa_recovered") == 15);
  CHECK(std::distance(std::filesystem::directory_iterator(run), {}) == 6);  // no temporary names left
}
