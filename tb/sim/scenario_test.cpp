// SPDX-License-Identifier: Apache-2.0
// Scenario files and reports against the pages that describe them.
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "report/difference_page.hpp"
#include "report/dissection.hpp"
#include "report/report_files.hpp"
#include "report/text.hpp"
#include "report/timing_rule.hpp"
#include "reveille/net/frame.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using nlohmann::json;

namespace {

/// The rows of a page's tables whose first cell is one `word`, cells without blanks around them.
std::vector<std::vector<std::string>> rows_of(const std::string& page, const std::string& heading) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(read_file(page));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| " + heading + " |")) inside = true;
    if (!line.starts_with("|")) inside = false;
    if (!inside || !line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) {
      const std::size_t begin = cell.find_first_not_of(' ');
      cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
    }
    cells.front() = cells.front().substr(1, cells.front().size() - 2);
    rows.push_back(cells);
  }
  return rows;
}

/// Paths of all values, as docs/report.md writes them.
void collect(const json& value, const std::string& path, std::set<std::string>& paths) {
  static const std::set<std::string> named = {"sessions.failed", "verdicts", "attacks", "holes", "files"};
  if (!value.is_object() || path == "scenario") {
    paths.insert(path);
    return;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, child] : value.items()) {
    const std::string last = !named.contains(path) ? key : path == "sessions.failed" ? "<reason>" : "<name>";
    collect(child, prefix + last, paths);
  }
}

RunReport example_report() {
  RunReport report;
  report.engine = "lockstep";
  report.kdc = "model";
  report.command = "reveille run --out '<&>'";
  report.simulated_us = 1200;
  report.slice_us = 10;
  report.slices.resize(960);
  report.established_by_slice.resize(960);
  report.difference =
      Difference{12345, "m_axis_host_tdata[7:0]", "1", "2", "T6 E7", {"frame <b>", "frame 2"}, "difference.fst"};
  report.difference->view = "difference.gtkw";
  net::UdpFrame frame;
  frame.source = net::Address::parse("198.51.100.7");
  frame.destination = net::Address::parse("192.0.2.1");
  frame.payload = {2, 1, 0x10, 0x6E, 0, 0x1B, 0xAD, 0xCA, 0xFE};
  report.difference->judged = JudgedFrame{12320, 12331, 12345, net::build(frame)};
  report.sessions.failed["no answer"] = 1;
  report.attack_frames["garbage"] = 5;
  report.holes["second-ipv4"] = {3, 2, 1};
  report.call.emplace().caller = "cta<3>";
  report.files["report.json"] = "this";
  return report;
}

Scenario load(const std::string& text) {
  TemporaryFolder folder;
  write_file(folder / "story.json", text);
  return Scenario::load(folder / "story.json");
}

}  // namespace

TEST_CASE("docs/scenario.md lists exactly the keys of a scenario, with their defaults") {
  const json scenario = json::parse(Scenario{}.to_json());
  std::set<std::string> described;
  for (const auto& row : rows_of("docs/scenario.md", "key")) {
    INFO(row.at(0));
    CHECK(described.insert(row.at(0)).second);
    REQUIRE(scenario.contains(row.at(0)));
    if (row.at(0) == "attacks") {
      CHECK(row.at(1) == "`\"all\"`");
      CHECK(parse_attacks("all", "test") == Scenario{}.attacks);
    } else if (row.at(0) == "destination") {
      CHECK(json::parse(row.at(1).substr(1, row.at(1).size() - 2)) == scenario.at(row.at(0)));
    } else {
      CHECK(json::parse(row.at(1)).get<double>() == scenario.at(row.at(0)).get<double>());
    }
  }
  for (const auto& [key, value] : scenario.items()) {
    INFO(key);
    CHECK(described.contains(key));
  }
}

TEST_CASE("docs/scenario.md states the ranges that are checked") {
  for (const auto& row : rows_of("docs/scenario.md", "key")) {
    if (row.at(2).empty()) continue;  // words
    const std::size_t to = row.at(2).find(" to ");
    REQUIRE(to != std::string::npos);
    const auto number = [](const std::string& text) { return text == "2^53" ? 9007199254740992.0 : std::stod(text); };
    const double low = number(row.at(2).substr(0, to));
    const double high = number(row.at(2).substr(to + 4));
    INFO(row.at(0) << ": " << low << " to " << high);
    const auto refused = [&](double value) {
      json file = {{row.at(0), value}};
      if (value == std::floor(value)) file[row.at(0)] = static_cast<std::int64_t>(value);
      try {
        load(file.dump());
        return false;
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        // Not another rule's refusal.
        return std::string(error.what()).find("json: " + row.at(0) + ": ") != std::string::npos &&
               std::string(error.what()).find("no more than delay_max_us") == std::string::npos;
      }
    };
    CHECK_FALSE(refused(low));
    CHECK_FALSE(refused(high));
    CHECK(refused(low - 1));
    CHECK(refused(row.at(0) == "seed" ? high + 2 : high + 1));  // a double holds no 2^53 + 1
  }
}

TEST_CASE("docs/scenario.md lists the attacks") {
  std::set<std::string> described;
  for (const auto& row : rows_of("docs/scenario.md", "name")) described.insert(row.at(0));
  std::set<std::string> played;
  for (const Attack attack : all_attacks()) played.insert(std::string(attack_name(attack)));
  CHECK(described == played);
}

TEST_CASE("A scenario file changes what it names, and comes back from to_json") {
  const Scenario scenario = load(R"({"ctas": 3, "loss": 0.25, "attacks": "spoof,garbage", "late_us": 0})");
  CHECK(scenario.ctas == 3);
  CHECK(scenario.loss == 0.25);
  CHECK(scenario.attacks == std::set<Attack>{Attack::garbage, Attack::spoof});
  CHECK(scenario.late_us == 0);
  CHECK(scenario.wake_tries == Scenario{}.wake_tries);
  CHECK(load(scenario.to_json()).to_json() == scenario.to_json());
}

TEST_CASE("The destinations judged are any or the listed ones, and nothing else") {
  using Destination = policy::ServerConfig::Destination;
  CHECK(Scenario{}.destination == Destination::any);
  for (const auto& [word, destination] :
       {std::pair("any", Destination::any), std::pair("listed", Destination::listed)}) {
    const Scenario scenario = load(json{{"destination", word}}.dump());
    CHECK(scenario.destination == destination);
    CHECK(load(scenario.to_json()).destination == destination);
  }
  for (const char* text : {"\"all\"", "\"Any\"", "\"\"", "true", "1", "null", "[\"any\"]"}) {
    INFO(text);
    CHECK_THROWS_WITH(
        load(std::string(R"({"destination": )") + text + "}"),
        ContainsSubstring("story.json: destination: " + std::string(text) + ": expected \"any\" or \"listed\""));
  }
}

TEST_CASE("A seed is an integer to its last digit") {
  CHECK(load(R"({"seed": 9007199254740992})").seed == 9007199254740992U);
  for (const char* text : {"9007199254740993", "18446744073709551616", "1.0", "-1"}) {
    INFO(text);
    CHECK_THROWS_AS(load(std::string(R"({"seed": )") + text + "}"), Error);
    CHECK_THROWS_AS(Scenario{}.set("seed", text, "--seed"), Error);
  }
}

TEST_CASE("Without a duration a story lasts until all CTAs have had their sessions") {
  CHECK(Scenario{}.whole().duration_us == 84'000);
  Scenario scenario;
  scenario.ctas = 4'000;
  CHECK(scenario.whole().duration_us ==
        270'000);  // 220 to open 4,000 AP Requests, two times 22.5 and 1, 3 for the late
  scenario.host_service_us = 0;
  CHECK(scenario.whole().duration_us == 234'000);  // 160 to wake all, and three sessions
  scenario.wake_rounds = 1;
  CHECK(scenario.whole().duration_us == 187'000);
  scenario.wake_interval_us = 600'000'000;
  CHECK(scenario.whole().duration_us == 600'000'000);  // no longer than a duration may be
  CHECK(load(R"({"ctas": 4000, "duration_us": 1000})").whole().duration_us == 1'000);
}

TEST_CASE("A file that nests without end is refused, whatever its kind") {
  const std::string deep(200'000, '[');
  const std::string texts[] = {deep, R"({"loss": )" + deep + std::string(200'000, ']') + "}",
                               R"({"loss": )" + std::string(40, '[') + std::string(40, ']') + "}"};
  for (const std::string& text : texts) {
    CHECK_THROWS_AS(load(text), Error);
  }
}

TEST_CASE("docs/report.md lists exactly the keys of report.json") {
  std::set<std::string> written;
  collect(json::parse(report_json(example_report())), "", written);
  std::set<std::string> described;
  for (const auto& row : rows_of("docs/report.md", "key")) {
    INFO(row.at(0));
    CHECK(described.insert(row.at(0)).second);
  }
  CHECK(described == written);
}

TEST_CASE("The page shows a difference, and text stays text") {
  const std::string page = report_html(example_report());
  CHECK_THAT(page, ContainsSubstring("<h2>First difference</h2>"));
  CHECK_THAT(page, ContainsSubstring("m_axis_host_tdata[7:0] in cycle 12,345"));
  // The rules, with where to read them; the frame that was judged, field by field; the waveform and its view.
  CHECK_THAT(page, ContainsSubstring("<small>docs/timing.md</small>"));
  CHECK_THAT(page, ContainsSubstring("<small>docs/timing/egress.md</small>"));
  CHECK_THAT(page, ContainsSubstring("The frame judged in this cycle: its beats came in cycles 12,320 to 12,331"));
  CHECK_THAT(page, ContainsSubstring("<td class=\"n\">47</td><td class=\"n\">4</td><td>returned nonce</td>"
                                     "<td>0x1badcafe</td>"));
  CHECK_THAT(page, ContainsSubstring("The call at the end"));
  CHECK_THAT(page, ContainsSubstring("scripts/waves difference.fst difference.gtkw"));
  CHECK_THAT(page, ContainsSubstring("frame &lt;b&gt;") && !ContainsSubstring("frame <b>"));
  CHECK_THAT(page, ContainsSubstring("reveille run --out &apos;&lt;&amp;&gt;&apos;"));
  if (const char* file = std::getenv("REVEILLE_PAGE")) write_file(file, page);  // for tb/system/axe_test.py
}

TEST_CASE("Every rule that lockstep cites stands on a page of docs/timing") {
  std::istringstream source(read_file("sim/engine/lockstep.cpp"));
  std::set<std::string> cited;
  for (std::string line; std::getline(source, line);) {
    const std::size_t begin = line.find("\", \"T");
    if (!line.starts_with("    {\"") || begin == std::string::npos) continue;
    std::istringstream numbers(line.substr(begin + 4, line.find('"', begin + 4) - begin - 4));
    for (std::string number; numbers >> number;) cited.insert(number);
  }
  CHECK(cited.size() > 12);
  for (const std::string& number : cited) {
    INFO(number);
    const std::optional<TimingRule> rule = timing_rule(number);
    REQUIRE(rule);
    CHECK_THAT(read_file(rule->page), ContainsSubstring(number));
    CHECK(rule->text.size() > 10);
  }
  CHECK_FALSE(timing_rule("T99"));
  CHECK_FALSE(timing_rule("Z1"));
}

TEST_CASE("The view of a difference begins with the port that differs") {
  const std::string view = html::difference_view(*example_report().difference);
  CHECK_THAT(view, ContainsSubstring("-What differs in cycle 12345: m_axis_host_tdata[7:0]\n-RTL 1, model 2\n@22\n"
                                     "TOP.m_axis_host_tdata[63:0]\n"));
  CHECK_THAT(view, ContainsSubstring("*0.000000 24690 ") && !ContainsSubstring("{{"));
}

TEST_CASE("A dissection shows every octet once, of whole frames and of cut ones") {
  net::UdpFrame request;
  request.source = net::Address::parse("2001:db8::7");
  request.destination = net::Address::parse("2001:db8::1");
  request.tags = {{}};
  request.extensions = {net::ExtensionHeader::padding(60)};
  request.payload = {2, 1, 0x10, 0x6E, 1, 0xFF, 0x1B, 0xAD, 0xCA, 0xFE, 9};
  request.trailer = {7, 7};
  const Bytes whole = net::build(request);
  const auto named = [](const std::vector<Field>& fields, const std::string& name) {
    for (const Field& field : fields) {
      if (field.name == name) return field.value;
    }
    return std::string();
  };
  const std::vector<Field> fields = dissect(whole);
  CHECK(named(fields, "source") == "2001:db8::7");
  CHECK(named(fields, "UDP destination port") == "1293");
  CHECK(named(fields, "KMMID") == "2, AP Request");
  CHECK(named(fields, "version") == "1.0");
  CHECK(named(fields, "returned nonce") == "0x1badcafe");
  CHECK(named(fields, "padding, or beyond the length") == "0x0707");
  for (std::size_t octets = 0; octets <= whole.size(); ++octets) {
    for (const std::size_t wrong : {std::size_t{0}, octets / 2}) {
      Bytes frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets));
      if (wrong > 0) frame[wrong] ^= 0x81;
      std::size_t at = 0;
      for (const Field& field : dissect(frame)) {
        CHECK(field.offset == at);
        CHECK(field.octets > 0);
        at += field.octets;
      }
      CHECK(at == octets);
    }
  }
}

TEST_CASE("Numbers as reports write them") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(12345678) == "12,345,678");
  CHECK(decimal(1.25, 1) == "1.2");
}
