// SPDX-License-Identifier: Apache-2.0
// `reveille run` from scenario to files, on the model: the same seed gives the same octets, report.json adds up, and
// tshark has nothing to complain about.
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "story/holes.hpp"
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
  unsigned failed = 0;
  for (const auto& [reason, count] : sessions.at("failed").items()) failed += count.get<unsigned>();
  CHECK(sessions.at("established").get<unsigned>() + failed + sessions.at("open").get<unsigned>() == 16);
  CHECK(sessions.at("not_woken") == 0);
  CHECK(sessions.at("establishment_us").at("median") > 0);
  CHECK_THAT(run.result.out, ContainsSubstring("reachable                                 15"));
  CHECK_THAT(run.result.out, ContainsSubstring("To repeat: reveille run"));
}

TEST_CASE("No CTA is left behind where a fifth of all datagrams is lost") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  // With one session a CTA, `wake_rounds` 1, this seed leaves three behind.
  REQUIRE(
      run_program(folder, {"run", "--engine", "model", "--seed", "2", "--loss", "0.2", "--out", run.string()}).status ==
      0);
  const json sessions = json::parse(read_file(run / "report.json")).at("sessions");
  CHECK(sessions.at("reachable") == 241);
  CHECK(sessions.at("established") == sessions.at("reachable"));
  CHECK(sessions.at("woken_again") > 10);  // the ten dead ones, and others
  CHECK(sessions.at("begun") >= 256 + 10 * 2);
}

TEST_CASE("report.json adds up") {
  const json& report = played().report;
  CHECK(report.at("seed") == 7);
  CHECK(report.at("engine") == "model");
  CHECK(report.at("interrupted") == false);
  CHECK(report.at("cycles").at("compared") == 0);
  CHECK(report.at("cycles").at("differences") == 0);
  CHECK(report.at("cycles").at("per_second") > 0);
  CHECK(std::abs(report.at("simulated_us").get<double>() - 45'000) < 1);
  CHECK(report.at("scenario") == json::parse(read_file(played().run / "scenario.json")));

  std::uint64_t judged = 0;
  std::uint64_t judged_true = 0;
  for (const auto& [verdict, count] : report.at("verdicts").items()) {
    judged += count.at("frames").get<std::uint64_t>();
    judged_true += count.at("true_frames").get<std::uint64_t>();
  }
  std::uint64_t sent = 0;
  std::uint64_t reached = 0;
  for (const auto& [attack, count] : report.at("attacks").items()) {
    CHECK(count.at("frames") > 0);
    if (attack != "forged-wakeup") sent += count.at("frames").get<std::uint64_t>();  // those go to the clients
    if (attack != "replay" && attack != "holes") CHECK(count.at("passed") == 0);
    reached += count.at("passed").get<std::uint64_t>();
  }
  CHECK(report.at("attacks").size() == 8);
  const json& line = report.at("line");
  for (const char* who : {"true", "hostile"}) {
    const json& fates = line.at(who);
    CHECK(fates.at("frames") == fates.at("passed").get<std::uint64_t>() + fates.at("dropped").get<std::uint64_t>() +
                                    fates.at("lost").get<std::uint64_t>());
  }
  CHECK(line.at("true").at("frames") == judged_true);
  CHECK(line.at("true").at("lost") == 0);
  CHECK(line.at("true").at("passed") == verdict_frames(report, "accepted") + verdict_frames(report, "resend") +
                                            verdict_frames(report, "sa_recovered") + verdict_frames(report, "bypass") -
                                            reached);
  CHECK(line.at("hostile").at("frames") == sent);
  CHECK(line.at("hostile").at("passed") == reached);
  CHECK(judged == sent + judged_true);
  CHECK(line.at("tready_low_cycles") == 0);
  // The line is full, and carries no more than 10 Gbit/s.
  const double load = line.at("true").at("load").get<double>() + line.at("hostile").at("load").get<double>();
  CHECK(load > 0.99);
  CHECK(load <= 1);

  // Each form was sent, and none of them, nor anything else, brought an unasked AP Request to the host's socket.
  std::uint64_t holes_sent = 0;
  std::uint64_t holes_passed = 0;
  CHECK(report.at("holes").size() == sim::holes().size());
  for (const auto& [form, count] : report.at("holes").items()) {
    INFO(form);
    CHECK(count.at("frames") > 100);
    CHECK((count.at("passed") == 0) == (form != "vxlan" && form != "icmp-error"));
    CHECK(count.at("unasked") == 0);
    holes_sent += count.at("frames").get<std::uint64_t>();
    holes_passed += count.at("passed").get<std::uint64_t>();
  }
  CHECK(report.at("attacks").at("holes").at("frames") == holes_sent);
  CHECK(report.at("attacks").at("holes").at("passed") == holes_passed);
  CHECK(report.at("unasked_requests") == 0);

  CHECK(verdict_frames(report, "sa_recovered") == report.at("sessions").at("established"));
  const json& crypto = report.at("crypto");
  CHECK(crypto.at("requests_opened") == verdict_frames(report, "accepted"));
  CHECK(line.at("hostile").at("tickets_dropped") > 0);
  std::uint64_t spent = 0;
  for (const auto& [kind, operations] : crypto.at("spent_by").items()) {
    CHECK(operations > 0);
    spent += operations.get<std::uint64_t>();
  }
  CHECK(crypto.at("spent") == spent);
  // A ticket and an authenticator, and nothing else, are decrypted.
  CHECK(crypto.at("spent_by").at("decryptions") == 2 * crypto.at("requests_opened").get<std::uint64_t>());
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
  CHECK(true_frames == report.at("line").at("true").at("frames"));
  CHECK(judged.true_frames.at("accepted") == verdict_frames(report, "accepted"));
  CHECK(judged.true_frames.at("sa_recovered") == report.at("sessions").at("established"));
  CHECK(judged.ap_replies >= report.at("sessions").at("established"));
  CHECK(judged.ap_requests >= 2 * verdict_frames(report, "accepted"));  // before and behind the core
  CHECK(judged.kdc_frames >= 4);                                        // an AS and a TGS exchange at least
  CHECK(std::filesystem::file_size(played().run / "network.pcapng") +
            std::filesystem::file_size(played().run / "malformed.pcapng") <
        20'000'000);
}

TEST_CASE("Frames have the time of the story's calendar, and hosts their names") {
  const std::string lines =
      tshark_fields(played().run / "network.pcapng", "frame.time_epoch ip.src_host ip.dst_host", "-N n");
  std::istringstream stream(lines);
  std::string first;
  REQUIRE(std::getline(stream, first));
  CHECK_THAT(first, StartsWith("1767225600.0000"));  // 2026-01-01 00:00:00 UTC
  for (const char* name : {"\tserver", "\tkdc", "\tcta1"}) CHECK_THAT(lines, ContainsSubstring(name));
}

TEST_CASE("report.html stands alone and tells the result") {
  std::string page = read_file(played().run / "report.html");
  const std::string name_of_svg = "http://www.w3.org/2000/svg";  // a name, which nobody fetches
  REQUIRE(page.find(name_of_svg) != std::string::npos);
  page.erase(page.find(name_of_svg), name_of_svg.size());
  CHECK_THAT(page, ContainsSubstring("15 of 15 reachable CTAs established at 5 % loss while"));
  CHECK_THAT(page, ContainsSubstring("<b>SA Recovered</b>"));  // without scripts, too
  for (const char* fetched : {"http://", "https://", " src=", "@import", "url("}) {
    INFO(fetched);
    CHECK_THAT(page, !ContainsSubstring(fetched));
  }
}

TEST_CASE("The page has every client's exchange, and its numbers lead to the frames in the captures") {
  const std::string page = read_file(played().run / "report.html");
  const std::string begin = R"(<script type="application/json" id="embedded">)";
  const std::size_t at = page.find(begin) + begin.size();
  const json embedded = json::parse(page.substr(at, page.find("</script>", at) - at));
  const json& all = embedded.at("exchanges").at("all");
  CHECK(all.size() == 16);
  // The verdicts that tshark finds under those numbers, in the frames' comments.
  std::map<std::string, std::vector<std::string>> comments;
  for (const char* file : {"network.pcapng", "malformed.pcapng"}) {
    std::istringstream lines(tshark_fields(played().run / file, "frame.comment"));
    for (std::string line; std::getline(lines, line);) comments[file].push_back(line);
  }
  std::map<std::string, unsigned> shown;
  for (const json& exchange : all) {
    INFO(exchange.at("client"));
    CHECK(exchange.at("steps").at(0).at("label") == "Wake Up");
    const json& last = exchange.at("steps").back();
    CHECK((exchange.at("outcome") == "established") ==
          (last.at("label") == "SA Recovered" && last.at("to") == "Controller"));
    for (const json& step : exchange.at("steps")) {
      ++shown[step.at("from").get<std::string>() + (step.contains("dropped") ? ", dropped" : "")];
      if (!step.contains("file")) {
        CHECK(step.at("from") == "Attacker");
        continue;
      }
      const std::string comment = comments.at(step.at("file")).at(step.at("number").get<std::size_t>() - 1);
      INFO(step.dump() << "; " << comment);
      if (step.at("from") == "Attacker") {
        CHECK_THAT(comment, ContainsSubstring("; attack: "));
      } else if (step.at("to") == "Reveille" || step.at("to") == "Controller") {
        CHECK_THAT(step.at("detail").get<std::string>(), EndsWith(comment));
      } else {
        CHECK((comment == "sent by the core" || comment.find("the KDC") != std::string::npos));
      }
    }
  }
  for (const char* from : {"Attacker", "Attacker, dropped", "KDC", "CTA", "Reveille"}) CHECK(shown[from] > 0);
}

TEST_CASE("The same seed gives the same octets, another seed others; scenario.json repeats a run") {
  TemporaryFolder folder;
  const auto again = folder / "again";
  REQUIRE(run_program(folder, {"run", "--engine", "model", "--scenario", (played().run / "scenario.json").string(),
                               "--out", again.string()})
              .status == 0);
  for (const char* file : {"network.pcapng", "malformed.pcapng", "network.keytab", "scenario.json", "sessions.json"}) {
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

TEST_CASE("Behind a core that judges the listed destinations alone the host's socket is open to the holes") {
  for (const char* destination : {"any", "listed"}) {
    for (const double ipv6_share : {0.0, 0.5, 1.0}) {  // at 0 and 1 the core has no address of the other family
      TemporaryFolder folder;
      const auto run = folder / "run";
      write_file(folder / "story.json", json{{"destination", destination},
                                             {"ipv6_share", ipv6_share},
                                             {"attacks", "holes"},
                                             {"ctas", 4},
                                             {"loss", 0},
                                             {"duration_us", 3000}}
                                            .dump());
      REQUIRE(run_program(folder, {"run", "--engine", "model", "--scenario", (folder / "story.json").string(), "--out",
                                   run.string()})
                  .status == 0);
      const json report = json::parse(read_file(run / "report.json"));
      const bool is_open = destination == std::string("listed");
      std::set<std::string> reached;
      std::uint64_t unasked = 0;
      for (const auto& [form, count] : report.at("holes").items()) {
        if (count.at("unasked") == 0) continue;
        // All but those under way at the end.
        CHECK(count.at("unasked").get<std::uint64_t>() + 2 >= count.at("frames").get<std::uint64_t>());
        unasked += count.at("unasked").get<std::uint64_t>();
        reached.insert(form);
      }
      CHECK(report.at("unasked_requests") == unasked);
      std::set<std::string> expected;
      if (is_open) {
        expected = {"second-ipv4", "second-ipv6", "link-local",   "subnet-broadcast", "limited-broadcast",
                    "all-hosts",   "all-nodes",   "source-route", "solicited-node",   "extension-headers"};
        if (ipv6_share == 0) expected.insert("server-ipv6");
        if (ipv6_share == 1) expected.insert("server-ipv4");
      }
      INFO(destination << ", ipv6_share " << ipv6_share);
      CHECK(reached == expected);
      CHECK(report.at("sessions").at("established") == 4);
    }
  }
}

TEST_CASE("Without attackers nothing is hostile, and the line is nearly empty") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  const ProgramResult result = run_program(folder, {"run", "--engine", "model", "--ctas", "4", "--duration", "5ms",
                                                    "--attack", "none", "--out", run.string()});
  REQUIRE(result.status == 0);
  const json report = json::parse(read_file(run / "report.json"));
  CHECK(report.at("line").at("hostile").at("frames") == 0);
  CHECK(report.at("line").at("hostile").at("tickets_dropped") == 0);
  CHECK(report.at("line").at("true").at("load") < 0.01);
  CHECK(report.at("attacks").empty());
  for (const std::string& text : {result.out, read_file(run / "report.html")}) {
    CHECK_THAT(text, !ContainsSubstring("hostile") && !ContainsSubstring("ttackers"));
  }
}

TEST_CASE("One attack alone fills the line and no more; with nothing heard yet there is nothing to replay") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  for (const char* attack : {"false-nonce", "replay"}) {
    REQUIRE(run_program(folder, {"run", "--engine", "model", "--ctas", "4", "--duration", "3ms", "--attack", attack,
                                 "--out", run.string()})
                .status == 0);
    const json report = json::parse(read_file(run / "report.json"));
    const json& hostile = report.at("line").at("hostile");
    INFO(attack);
    CHECK(hostile.at("load") <= 1);
    CHECK(hostile.at("load") > 0.6);
    CHECK(hostile.at("frames").get<double>() / report.at("simulated_us").get<double>() < 14.881);
    // A replay is a true AP Request to the last octet.
    if (attack == std::string("replay")) CHECK(report.at("verdicts").at("unsupported").at("frames") == 0);
  }
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
