// SPDX-License-Identifier: Apache-2.0
// What `reveille bench` leaves behind, and what it refuses before it measures.
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "catch.hpp"
#include "system/program.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

std::vector<std::string> quick(std::initializer_list<std::string> more) {
  std::vector<std::string> arguments{"bench", "--model-only", "--frames", "100", "--line-frames", "100"};
  arguments.insert(arguments.end(), more);
  return arguments;
}

/// The figures that docs/bench.md lists, but for those that take the Verilated core.
std::set<std::string> figures_of_page() {
  const std::string page = read_file("docs/bench.md");
  const std::regex row(R"(\| `[a-z_]+\.(?!rtl_|lockstep_)[a-z_0-9]+` \| [^|]+ \|)");
  return {std::sregex_token_iterator(page.begin(), page.end(), row), std::sregex_token_iterator()};
}

/// The keys below `tables` with their units, as that page writes them.
std::set<std::string> figures_of(const nlohmann::json& report) {
  std::set<std::string> figures;
  for (const auto& [table, content] : report.at("tables").items()) {
    CHECK_FALSE(content.at("title").get<std::string>().empty());
    for (const auto& [row, values] : content.at("rows").items()) {
      std::string units;
      for (const auto& figure : values.at("figures")) {
        const std::string unit = figure.at("unit");
        CHECK(figure.at("value").is_number());
        units += (units.empty() ? "" : "; ") + unit;
      }
      figures.insert("| `" + table + "." + row + "` | " + units + " |");
    }
  }
  return figures;
}

}  // namespace

TEST_CASE("bench writes its figures for programs and as a page, all of them and the same") {
  TemporaryFolder folder;
  const auto json = folder / "bench.json";
  const auto pages = folder / "pages";
  const ProgramResult result = run_program(folder, quick({"--json", json.string(), "--report", pages.string()}));
  INFO(result.err);
  REQUIRE(result.status == 0);
  const auto report = nlohmann::json::parse(read_file(json));
  const std::string page = read_file(pages / "report.html");
  CHECK(report.at("schema") == "reveille-bench-1");
  for (const char* key : {"version", "revision", "configuration", "processor", "command"}) {
    const std::string value = report.at(key);
    CHECK_FALSE(value.empty());
    CHECK_THAT(page, ContainsSubstring(value));
  }
  CHECK(report.at("tables").at("line_rate").at("rows").at("judged").at("figures").at(0).at("value") == 100);
  CHECK(report.at("tables").at("flood").at("rows").at("core").at("figures").at(0).at("value") == 1);

  CHECK(figures_of(report) == figures_of_page());
  for (const auto& [table, content] : report.at("tables").items()) {
    CHECK_THAT(page, ContainsSubstring(content.at("title")));
    for (const auto& [name, row] : content.at("rows").items()) {
      INFO(table << '.' << name);
      CHECK_THAT(page, ContainsSubstring("<td>" + row.at("what").get<std::string>() + "</td>"));
      CHECK_THAT(result.out, ContainsSubstring(row.at("what")));
    }
  }
  for (const char* fetched : {"src=", "href=\"http", "@import", "url("}) CHECK_THAT(page, !ContainsSubstring(fetched));
}

TEST_CASE("bench refuses files that it cannot write before it measures, and leaves nothing") {
  TemporaryFolder folder;
  const std::string file = (folder / "file").string();
  write_file(folder / "file", "a file");
  const std::string page = (folder / "pages" / "report.html").string();
  const std::pair<std::vector<std::string>, std::string> calls[] = {
      {quick({"--json", ""}), "--json"},
      {quick({"--json", (folder / "none" / "bench.json").string()}), "bench.json: cannot be written"},
      {quick({"--report", ""}), "expected a folder"},
      {quick({"--report", file}), "expected a folder"},
      {quick({"--report", (folder / "pages").string(), "--json", page}), "--json names the same file as the page"},
      {quick({"--jsn", file}), "is --json meant?"},
  };
  for (const auto& [arguments, words] : calls) {
    const ProgramResult result = run_program(folder, arguments);
    INFO(arguments.back() << ": " << result.err);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring(words));
    CHECK(result.out.empty());
    CHECK_FALSE(std::filesystem::exists(folder / "pages"));
  }
  CHECK(read_file(folder / "file") == "a file");
}
