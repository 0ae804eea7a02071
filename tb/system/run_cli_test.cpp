// SPDX-License-Identifier: Apache-2.0
// `reveille run`: bad input, and Ctrl-C.
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "planned_load.hpp"
#include "system/judge_capture.hpp"

using namespace reveille;
using namespace reveille::sim::test;

TEST_CASE("Bad command lines: exit 2, a message with option, value and expectation, nothing written") {
  TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const std::string whole_seed = "a whole number from 0 to 9007199254740992";
  const std::string duration = "us, ms or s";
  struct Call {
    std::vector<std::string> arguments;
    std::vector<std::string> words;
  };
  const Call calls[] = {
      {{"--nonsense"}, {"--nonsense: no such option; reveille run --help lists what there is"}},
      {{"--atack", "none"}, {"--atack: no such option; is --attack meant?; reveille run --help"}},
      {{"--sed=1"}, {"--sed: no such option; is --seed meant?"}},
      {{"-x"}, {"-x: no such option; reveille"}},
      {{"--seed", "1", "--seed", "2"}, {"--seed: given more than once, or with an empty value"}},
      {{"more"}, {"more", "not expected"}},
      {{"--ctas", "many"}, {"--ctas", "\"many\"", "1 to 4000"}},
      {{"--ctas", "-1"}, {"--ctas", "\"-1\"", "1 to 4000"}},
      {{"--ctas", "0"}, {"--ctas", "\"0\"", "1 to 4000"}},
      {{"--ctas", "4001"}, {"--ctas", "\"4001\"", "1 to 4000"}},
      {{"--ctas", "4294967297"}, {"--ctas", "\"4294967297\"", "1 to 4000"}},
      {{"--ctas", "1e3"}, {"--ctas", "\"1e3\"", "1 to 4000"}},
      {{"--ctas", "0x10"}, {"--ctas", "\"0x10\"", "1 to 4000"}},
      {{"--ctas", " 5"}, {"--ctas", "\" 5\"", "1 to 4000"}},
      {{"--ctas", "5 "}, {"--ctas", "\"5 \"", "1 to 4000"}},
      {{"--ctas", ""}, {"--ctas", "\"\"", "1 to 4000"}},
      {{"--ctas"}, {"--ctas", "required"}},
      {{"--ctas", "\x1B[2J\n"}, {"--ctas", "\"\\x1b[2J\\x0a\"", "1 to 4000"}},
      {{"--\x1B[2J\n"}, {"--\\x1b[2J\\x0a"}},
      {{"--scenario", "/\x7F\r"}, {"/\\x7f\\x0d", "cannot be read"}},
      {{"--ctas", "1", "--ctas", "2"}, {"--ctas: given more than once"}},
      {{"--seed", "x"}, {"--seed", "\"x\"", whole_seed}},
      {{"--seed", ""}, {"--seed", "\"\"", whole_seed}},
      {{"--seed", "-1"}, {"--seed", "\"-1\"", whole_seed}},
      {{"--seed", "1.0"}, {"--seed", "\"1.0\"", whole_seed}},
      {{"--seed", "9007199254740993"}, {"--seed", "\"9007199254740993\"", whole_seed}},
      {{"--seed", "18446744073709551616"}, {"--seed", "\"18446744073709551616\"", whole_seed}},
      {{"--loss", "1.5"}, {"--loss", "\"1.5\"", "0 to 1"}},
      {{"--loss", "-0.1"}, {"--loss", "\"-0.1\"", "0 to 1"}},
      {{"--loss", "nan"}, {"--loss", "\"nan\"", "0 to 1"}},
      {{"--loss", "inf"}, {"--loss", "\"inf\"", "0 to 1"}},
      {{"--loss", "0,5"}, {"--loss", "\"0,5\"", "0 to 1"}},
      {{"--loss", "5%"}, {"--loss", "\"5%\"", "0 to 1"}},
      {{"--loss", ""}, {"--loss", "\"\"", "0 to 1"}},
      {{"--duration", "72"}, {"--duration", "\"72\"", duration}},
      {{"--duration", "1h"}, {"--duration", "\"1h\"", duration}},
      {{"--duration", "-1ms"}, {"--duration", "\"-1ms\"", duration}},
      {{"--duration", "ms"}, {"--duration", "\"ms\"", duration}},
      {{"--duration", "infs"}, {"--duration", "\"infs\"", duration}},
      {{"--duration", "0.5us"}, {"--duration", "\"0.5us\"", "whole microseconds"}},
      {{"--duration", "1e400s"}, {"--duration", "\"1e400s\"", duration}},
      {{"--duration", "0ms"}, {"--duration", "\"0\"", "1 to 600000000"}},
      {{"--duration", "11m"}, {"--duration", "\"11m\"", duration}},
      {{"--duration", "601s"}, {"--duration", "601000000", "1 to 600000000"}},
      {{"--duration", ""}, {"--duration", "\"\"", duration}},
      {{"--attack", "garbage,bogus"}, {"--attack", "\"bogus\"", "forged-sa-recovered"}},
      {{"--attack", "garbage,none"}, {"--attack", "\"garbage,none\"", "\"none\" alone"}},
      {{"--attack", "garbage,"}, {"--attack", "\"\"", "none"}},
      {{"--attack", "all,none"}, {"--attack", "\"all\"", "none"}},
      {{"--attack", ""}, {"--attack", "\"\"", "none"}},
      {{"--attack", "\xFF"}, {"--attack", "\"\xEF\xBF\xBD\"", "none"}},  // not UTF-8
      {{"--engine", "fpga"}, {"--engine: \"fpga\": expected rtl, model or lockstep"}},
      {{"--engine", ""}, {"--engine: \"\": expected rtl, model or lockstep"}},
      {{"--kdc", "heimdal"}, {"--kdc: \"heimdal\": expected model or mit"}},
      {{"--kdc", ""}, {"--kdc: \"\": expected model or mit"}},
      {{"--capture", "none"}, {"--capture: \"none\": expected sample or all"}},
      {{"--engine", "rtl", "--waveform", "F", "5"}, {"reveille: --"}},
      {{"--scenario", "/nonexistent.json"}, {"/nonexistent.json", "cannot be read", "No such file"}},
      {{"--scenario", folder.path().string()}, {folder.path().string(), "cannot be read", "Is a directory"}},
      {{"--scenario", "/dev/zero"}, {"/dev/zero", "not JSON"}},
      {{"--scenario", ""}, {"\"\"", "cannot be read"}},
      {{"--waveform", "F"}, {"--waveform", "2 required"}},
      {{"--waveform", "F", "abc"}, {"--waveform", "\"abc\"", "a whole number"}},
      {{"--waveform", "F", "1"}, {"--waveform", "model", "rtl or lockstep"}},
  };
  for (const auto& [arguments, words] : calls) {
    std::vector<std::string> all{"run", "--engine", "model", "--out", out};
    if (arguments.front() == "--engine") all = {"run", "--out", out};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = run_program(folder, all);
    INFO(arguments.front() << ' ' << arguments.back() << ": " << result.err);
    CHECK(result.status == 2);
    for (const std::string& word : words) CHECK_THAT(result.err, ContainsSubstring(word));
    CHECK(std::ranges::count(result.err, '\n') == 1);
    CHECK_THAT(result.err, StartsWith("reveille: "));
    CHECK(result.out.empty());
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE("Bad words elsewhere on the command line: exit 2 and a message") {
  TemporaryFolder folder;
  const std::pair<std::vector<std::string>, std::vector<std::string>> calls[] = {
      {{}, {"A command (run, replay, "}},
      {{"nonsense"}, {"nonsense"}},
      {{"--nonsense"}, {"--nonsense: no such option; reveille --help lists what there is"}},
      {{"run", "bench"}, {"bench"}},
      {{"run", "--out", ""}, {"--out", "\"\"", "folder"}},
      {{"bench", "--frames", "99"}, {"--frames", "\"99\"", "100 to 10000000"}},
      {{"bench", "--frames", ""}, {"--frames", "\"\"", "100 to 10000000"}},
      {{"bench", "--frames", "1e3"}, {"--frames", "\"1e3\"", "100 to 10000000"}},
      {{"bench", "--line-frames", "-5"}, {"--line-frames", "\"-5\"", "100 to 100000000"}},
  };
  for (const auto& [arguments, words] : calls) {
    const ProgramResult result = run_program(folder, arguments);
    INFO((arguments.empty() ? "" : arguments.back()) << ": " << result.err);
    CHECK(result.status == 2);
    CHECK(std::ranges::count(result.err, '\n') == 1);
    for (const std::string& word : words) CHECK_THAT(result.err, ContainsSubstring(word));
    CHECK(result.out.empty());
  }
}

TEST_CASE("Bad scenario files: exit 2, a message with file, key, value and expectation, nothing written") {
  TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const auto file = folder / "story.json";
  const std::string deep(200'000, '[');
  const std::pair<std::string, std::vector<std::string>> files[] = {
      {"", {"not JSON"}},
      {"{", {"not JSON: line 1, column 2"}},
      {"[]", {"JSON object"}},
      {"3", {"JSON object"}},
      {deep, {"nested more than"}},
      {R"({"loss": )" + deep + std::string(200'000, ']') + "}", {"nested more than"}},
      {"{\"ctas\": 3, \"\xff\": 1}", {"not JSON"}},
      {std::string(100, '\0'), {"not JSON"}},
      {R"({"loss": 1e999})", {"not JSON", "1e999"}},
      {R"({"losss": 0.1})", {"losss", "0.1", "docs/scenario.md"}},
      {R"({"": 1})", {R"(: "": 1: )", "docs/scenario.md"}},
      {R"({"\u001b[2J\n": 0.1})", {R"(\u001b[2J\n)", "0.1", "docs/scenario.md"}},
      {"{\"" + std::string(100'000, 'k') + "\": 0.1}", {"kkk...", "0.1", "docs/scenario.md"}},
      {R"({"loss": 0.1})" + std::string(1, '\0') + "}", {"not JSON", "an octet 0 behind"}},
      {R"({"loss": 0.1, "loss": 0.2})", {"loss", "twice"}},
      {R"({"loss": "high"})", {"loss", "\"high\"", "a number"}},
      {R"({"loss": ")" + std::string(100'000, 'x') + "\"}", {"loss", "xxx...", "a number"}},
      {R"({"ctas": 2.5})", {"ctas", "2.5", "a whole number"}},
      {R"({"ctas": -2})", {"ctas", "-2", "1 to 4000"}},
      {R"({"ctas": 100000})", {"ctas", "100000", "1 to 4000"}},
      {R"({"ctas": null})", {"ctas", "null", "1 to 4000"}},
      {R"({"seed": 9007199254740993})", {"seed", "9007199254740993", "9007199254740992"}},
      {R"({"duration_us": 0})", {"duration_us", "0", "1 to"}},
      {R"({"wake_tries": 16})", {"wake_tries", "16", "1 to 15"}},
      {R"({"attacks": ["garbage"]})", {"attacks", "[\"garbage\"]", "a string"}},
      {R"({"attacks": "garbage,bogus"})", {"attacks", "\"bogus\"", "spoof"}},
      {R"({"attacks": "gar\u0000bage"})", {"attacks", R"("gar\u0000bage")", "spoof"}},
      {R"({"attacks": ")" + std::string(100'000, 'x') + "\"}", {"attacks", "xxx...", "spoof"}},
      {R"({"delay_min_us": 300})", {"delay_min_us", "300", "delay_max_us"}},
      {R"({"dead_share": 0.6, "late_share": 0.6})", {"dead_share", "1.22", "no more than 1"}},
  };
  for (const auto& [text, words] : files) {
    write_file(file, text);
    const ProgramResult result =
        run_program(folder, {"run", "--engine", "model", "--out", out, "--scenario", file.string()});
    INFO(text.substr(0, 80) << ": " << result.err);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring(file.string()));
    for (const std::string& word : words) CHECK_THAT(result.err, ContainsSubstring(word));
    CHECK(result.err.size() < 1'000);
    CHECK(std::ranges::count(result.err, '\n') == 1);
    CHECK(result.err.find("exception") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE("A file that may not become as long as it has to be: exit 2, a message, no temporary names left") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 300'000;  // the program inherits it
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const ProgramResult result =
      run_program(folder, {"run", "--engine", "model", "--duration", "2ms", "--capture", "all", "--out", run.string()});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(result.status == 2);
  CHECK_THAT(result.err, ContainsSubstring(".pcapng: cannot be written: File too large"));
  CHECK_FALSE(std::filesystem::exists(run));
}

TEST_CASE("Standard output that is full or closed: exit 2 and a message, and the files are whole") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  for (const Output output : {Output::full, Output::closed}) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"run", "--engine", "model", "--ctas", "1", "--duration", "100us", "--out",
                                   run.string()},
          {"bench", "--model-only", "--frames", "100", "--line-frames", "100"},
          {"--help"},
          {"--version"}}) {
      const ProgramResult result = run_program(folder, arguments, output);
      INFO(arguments.front() << ": " << result.err);
      CHECK(result.status == 2);
      CHECK_THAT(result.err, ContainsSubstring(std::string("standard output: cannot be written: ") +
                                               std::strerror(output == Output::full ? ENOSPC : EBADF)));
    }
    CHECK(nlohmann::json::parse(read_file(run / "report.json")).at("interrupted") == false);
    CHECK_THAT(read_file(run / "report.html"), StartsWith("<!DOCTYPE html>"));
    std::filesystem::remove_all(run);
  }
}

TEST_CASE("A run into the folder of an earlier one leaves nothing of that") {
  TemporaryFolder folder;
  const auto run = folder / "it's a \"run\"";
  std::filesystem::create_directory(run);
  write_file(run / "difference.fst", std::string("of another day"));
  const ProgramResult result =
      run_program(folder, {"run", "--engine", "model", "--ctas", "1", "--duration", "100us", "--out", run.string()});
  REQUIRE(result.status == 0);
  CHECK_FALSE(std::filesystem::exists(run / "difference.fst"));
  // What it says to repeat it with is words of a shell.
  const std::string said = nlohmann::json::parse(read_file(run / "report.json")).at("command");
  const std::size_t program = said.find("reveille run ");
  REQUIRE(program == 0);
  run_command(std::string("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1 ") + REVEILLE_PROGRAM + said.substr(8));
  CHECK(nlohmann::json::parse(read_file(run / "report.json")).at("command") == said);
}

TEST_CASE("bench shows how far it is, and Ctrl-C ends it within a second") {
  TemporaryFolder folder;
  Program program(folder, {"bench", "--frames", "10000000"});
  for (int tries = 0; program.progress().find('%') == std::string::npos; ++tries) {
    REQUIRE(tries < 300);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const auto begin = std::chrono::steady_clock::now();
  program.signal(SIGINT);
  const ProgramResult result = program.wait();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(result.status == 130);
  CHECK_THAT(result.err, ContainsSubstring("interrupted"));
}

TEST_CASE("A time that is over before every CTA has been woken: said before, and in the report") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  const ProgramResult result = run_program(folder, {"run", "--engine", "model", "--ctas", "50", "--duration", "1ms",
                                                    "--attack", "none", "--out", run.string()});
  REQUIRE(result.status == 0);
  CHECK_THAT(result.err,
             ContainsSubstring("1000 us are over before all 50 CTAs have been woken") && ContainsSubstring("2000 us"));
  const auto report = nlohmann::json::parse(read_file(run / "report.json"));
  const unsigned not_woken = report.at("sessions").at("not_woken");
  CHECK(not_woken > 20);
  CHECK(not_woken < 30);
  CHECK_THAT(result.out, ContainsSubstring("not woken yet"));
  CHECK_THAT(read_file(run / "report.html"), ContainsSubstring(" CTAs were not woken yet"));
}

TEST_CASE("More CTAs than the store is planned for: said before, and what came of it in table and report") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  const auto story = folder / "story.json";
  // Nobody answers, and the store fills up.
  write_file(story, std::string(R"({"dead_share": 1, "late_share": 0, "stale_clock_share": 0, "no_ticket_share": 1,
                                    "wake_spacing_us": 2, "attacks": "none"})"));
  const auto play = [&](unsigned ctas) {
    return run_program(folder, {"run", "--engine", "model", "--scenario", story.string(), "--duration", "9ms", "--ctas",
                                std::to_string(ctas), "--out", run.string()});
  };
  const ProgramResult planned = play(sim::planned_sessions);
  CHECK(planned.status == 0);
  CHECK_THAT(planned.err, !ContainsSubstring("planned"));
  CHECK_THAT(planned.out, !ContainsSubstring("planned"));

  const ProgramResult more = play(4'000);
  CHECK(more.status == 0);
  CHECK_THAT(more.err, ContainsSubstring("is planned for " + std::to_string(sim::planned_sessions) + " at once") &&
                           ContainsSubstring("with 4000 CTAs"));
  const auto sessions = nlohmann::json::parse(read_file(run / "report.json")).at("sessions");
  CHECK(sessions.at("planned") == sim::planned_sessions);
  CHECK(sessions.at("most_open") == 4'000);
  CHECK(sessions.at("begun") < 4'000);
  CHECK(sessions.at("wakes_refused") > 100);
  CHECK_THAT(more.out, ContainsSubstring("under way at once, at most") && ContainsSubstring("wakes refused"));
  CHECK_THAT(read_file(run / "report.html"), ContainsSubstring("wakes refused"));
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
  std::filesystem::create_symlink(folder / "nowhere" / "else", folder / "link");
  const ProgramResult dangling =
      run_program(folder, {"run", "--engine", "model", "--out", (folder / "link" / "inner").string()});
  CHECK(dangling.status == 2);
  CHECK(std::filesystem::is_symlink(folder / "link"));
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
  CHECK(std::distance(std::filesystem::directory_iterator(run), {}) == 7);  // no temporary names left
}
