// SPDX-License-Identifier: Apache-2.0
// `reveille run` from scenario to files, on the model: the same seed gives the same octets, report.json adds up, and
// tshark has nothing to complain about.
#include <nlohmann/json.hpp>
#include <numeric>

#include "system/judge_capture.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using nlohmann::json;

namespace {

/// Sixteen CTAs under full flood, 5 % loss.
std::vector<std::string> arguments(const std::filesystem::path& out) {
  return {"run", "--engine", "model", "--ctas", "16", "--duration", "45ms", "--seed", "7", "--out", out.string()};
}

/// Played once for all the tests below.
struct Played {
  TemporaryFolder folder;
  std::filesystem::path run = folder / "run";
  ProgramResult result = run_program(folder, arguments(run));
  json report = json::parse(read_file(run / "report.json"));
};
const Played& played() {
  static const Played once;
  return once;
}

std::uint64_t verdict_frames(const json& report, const std::string& verdict) {
  return report.at("verdicts").at(verdict).at("frames").get<std::uint64_t>();
}

}  // namespace

TEST_CASE("A run establishes every reachable CTA at 5 % loss under flood") {
  const Played& run = played();
  CHECK(run.result.status == 0);
  const json& sessions = run.report.at("sessions");
  CHECK(sessions.at("ctas") == 16);
  CHECK(sessions.at("reachable") == 15);  // one of sixteen is dead: dead_share 0.04
  CHECK(sessions.at("established") == sessions.at("reachable"));
  unsigned aborted = 0;
  for (const auto& [reason, count] : sessions.at("aborted").items()) aborted += count.get<unsigned>();
  CHECK(sessions.at("established").get<unsigned>() + aborted == 16);
  CHECK(sessions.at("establishment_us").at("median") > 0);
  CHECK_THAT(run.result.out, ContainsSubstring("reachable                                 15"));
  CHECK_THAT(run.result.out, ContainsSubstring("To repeat: reveille run"));
}

TEST_CASE("No CTA is left behind by a run of bad luck, nor where a fifth of all datagrams is lost") {
  struct Call {
    const char* seed;
    const char* loss;
  };
  // With one session a CTA, `wake_rounds` 1, each of these leaves one behind.
  for (const auto& [seed, loss] : {Call{"79", "0.05"}, Call{"1", "0.2"}}) {
    INFO("seed " << seed << ", loss " << loss);
    TemporaryFolder folder;
    const auto run = folder / "run";
    const ProgramResult result =
        run_program(folder, {"run", "--engine", "model", "--seed", seed, "--loss", loss, "--out", run.string()});
    REQUIRE(result.status == 0);
    const json sessions = json::parse(read_file(run / "report.json")).at("sessions");
    CHECK(sessions.at("reachable") == 241);
    CHECK(sessions.at("established") == sessions.at("reachable"));
    CHECK(sessions.at("woken_again") > 10);  // the ten dead ones, and others
    CHECK(sessions.at("begun") >= 256 + 10 * 2);
  }
}

TEST_CASE("report.json adds up") {
  const json& report = played().report;
  CHECK(report.at("seed") == 7);
  CHECK(report.at("engine") == "model");
  CHECK(report.at("interrupted") == false);
  CHECK(report.at("cycles").at("compared") == 0);
  CHECK(report.at("cycles").at("differences") == 0);
  CHECK(report.at("cycles").at("per_second") > 0);
  CHECK(report.at("simulated_us").get<double>() == Approx(45000));
  CHECK(report.at("scenario") == json::parse(read_file(played().run / "scenario.json")));

  std::uint64_t judged = 0;
  for (const auto& [verdict, count] : report.at("verdicts").items()) judged += count.at("frames").get<std::uint64_t>();
  std::uint64_t hostile = 0;
  for (const auto& [attack, count] : report.at("attacks").items()) {
    CHECK(count.at("frames") > 0);
    if (attack != "forged-wakeup") hostile += count.at("frames").get<std::uint64_t>();
    if (attack != "replay") CHECK(count.at("passed") == 0);
  }
  CHECK(report.at("attacks").size() == 7);
  CHECK(hostile > 500'000);  // 14.2 M minimum frames a second fill the line
  const json& line = report.at("line");
  CHECK(judged == hostile + line.at("true_frames").get<std::uint64_t>());
  CHECK(line.at("true_frames_lost") == 0);
  CHECK(line.at("tready_low_cycles") == 0);

  CHECK(verdict_frames(report, "sa_recovered") == report.at("sessions").at("established"));
  const json& crypto = report.at("crypto");
  CHECK(crypto.at("requests_opened") == verdict_frames(report, "accepted"));
  CHECK(crypto.at("messages_dropped") > crypto.at("tickets_dropped"));
  std::uint64_t spent = 0;
  for (const auto& [kind, operations] : crypto.at("spent_by").items()) {
    CHECK(operations > 0);
    spent += operations.get<std::uint64_t>();
  }
  CHECK(crypto.at("spent") == spent);
  // A ticket and an authenticator, and nothing else, are decrypted.
  CHECK(crypto.at("spent_by").at("decryptions") == 2 * crypto.at("requests_opened").get<std::uint64_t>());
  REQUIRE(crypto.at("spared").is_number_unsigned());
  const double estimate = crypto.at("tickets_dropped").get<double>() * static_cast<double>(spent) /
                          crypto.at("requests_opened").get<double>();
  CHECK(crypto.at("spared").get<double>() == Approx(estimate).margin(0.5).epsilon(0));
  std::uint64_t established = 0;
  for (const json& slice : report.at("established_by_slice")) established += slice.get<std::uint64_t>();
  CHECK(established == report.at("sessions").at("established"));
  for (const auto& [file, meaning] : report.at("files").items()) CHECK(std::filesystem::exists(played().run / file));
}

TEST_CASE("tshark reads the capture of a run, opens its tickets and finds nothing wrong") {
  const JudgedCapture judged = judge_capture(played().run);
  const json& report = played().report;
  // Every true frame is there; attackers cannot be accepted or recover.
  std::size_t true_frames = 0;
  for (const auto& [comment, count] : judged.true_frames) {
    if (comment != "sent by the core") true_frames += count;
  }
  CHECK(true_frames == report.at("line").at("true_frames"));
  CHECK(judged.true_frames.at("accepted") == verdict_frames(report, "accepted"));
  CHECK(judged.true_frames.at("sa_recovered") == report.at("sessions").at("established"));
  CHECK(judged.ap_replies >= report.at("sessions").at("established"));
  CHECK(judged.ap_requests >= 2 * verdict_frames(report, "accepted"));  // before and behind the core
  CHECK(std::filesystem::file_size(played().run / "network.pcapng") +
            std::filesystem::file_size(played().run / "malformed.pcapng") <
        20'000'000);
}

TEST_CASE("report.html stands alone and tells the result") {
  const std::string page = read_file(played().run / "report.html");
  CHECK_THAT(page, ContainsSubstring("15 of 15 reachable CTAs established at 5 % loss while"));
  CHECK_THAT(page, ContainsSubstring("Sequence diagram of one exchange"));
  CHECK_THAT(page, ContainsSubstring(">SA Recovered<"));
  for (const char* fetched : {"http://", "https://", " src=", "@import", "url("}) {
    INFO(fetched);
    CHECK_THAT(page, !ContainsSubstring(fetched));
  }
}

TEST_CASE("The same seed gives the same octets, another seed others; scenario.json repeats a run") {
  TemporaryFolder folder;
  const auto again = folder / "again";
  REQUIRE(run_program(folder, {"run", "--engine", "model", "--scenario", (played().run / "scenario.json").string(),
                               "--out", again.string()})
              .status == 0);
  for (const char* file : {"network.pcapng", "malformed.pcapng", "network.keytab", "scenario.json"}) {
    INFO(file);
    CHECK(read_file(again / file) == read_file(played().run / file));
  }
  json first = played().report;
  json second = json::parse(read_file(again / "report.json"));
  for (json* report : {&first, &second}) {
    // What depends on the machine or on the folder.
    report->erase("command");
    report->at("cycles").erase("per_second");
    report->at("cycles").erase("wall_seconds");
    report->at("crypto").erase("cpu_seconds_per_request");
    report->at("crypto").erase("cpu_seconds_spared");
  }
  CHECK(first == second);

  const auto other = folder / "other";
  REQUIRE(run_program(folder, {"run", "--engine", "model", "--ctas", "2", "--duration", "1ms", "--seed", "8", "--out",
                               other.string()})
              .status == 0);
  const auto third = folder / "third";
  REQUIRE(run_program(folder, {"run", "--engine", "model", "--ctas", "2", "--duration", "1ms", "--seed", "9", "--out",
                               third.string()})
              .status == 0);
  CHECK(read_file(other / "network.pcapng") != read_file(third / "network.pcapng"));
}

TEST_CASE("--capture all keeps every frame of the flood") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  REQUIRE(run_program(folder, {"run", "--engine", "model", "--ctas", "2", "--duration", "500us", "--capture", "all",
                               "--out", run.string()})
              .status == 0);
  const json report = json::parse(read_file(run / "report.json"));
  std::uint64_t judged = 0;
  for (const auto& [verdict, count] : report.at("verdicts").items()) judged += count.at("frames").get<std::uint64_t>();
  const auto frames_in = [&](const char* file) {
    const std::string lines = tshark_fields(run / file, "frame.interface_id frame.comment");
    std::istringstream stream(lines);
    std::uint64_t frames = 0;
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with("0\t") && line.find("sent by the core") == std::string::npos) ++frames;
    }
    return frames;
  };
  CHECK(judged > 5'000);
  CHECK(frames_in("network.pcapng") + frames_in("malformed.pcapng") == judged);
}
