// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_report.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "report/html_table.hpp"
#include "report/text.hpp"
#include "version.hpp"

namespace reveille::sim::bench {
namespace {

/// As the kernel names the CPU; "unknown" where it does not.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t value = line.find(": ");
    if (line.starts_with("model name") && value != std::string::npos) return line.substr(value + 2);
  }
  return "unknown";
}

std::string written(double value) {
  return value < 100 ? decimal(value, digits(value)) : grouped(static_cast<std::uint64_t>(value + 0.5));
}

std::string tile(const Results& results, const char* table, const char* row, std::size_t figure, const char* meaning,
                 const char* mood = "") {
  const Row* found = results.find(table, row);
  if (found == nullptr) return "";
  const auto& [value, unit] = found->figures.at(figure);
  return html::tile(written(value) + (unit == "us/frame" ? " µs" : ""), meaning, mood);
}

std::string html_table(const Table& table) {
  std::vector<std::vector<html::Cell>> rows;
  for (const Row& row : table.rows) {
    std::vector<html::Cell> cells{html::text(row.what)};
    for (std::size_t i = 0; i < 2; ++i) {
      const bool there = i < row.figures.size();
      cells.push_back(html::number(there ? written(row.figures[i].value) : ""));
      cells.push_back(html::text(there ? row.figures[i].unit : ""));
    }
    rows.push_back(std::move(cells));
  }
  return html::table(table.title, {}, rows);
}

}  // namespace

std::string bench_json(const Results& results, const std::string& command) {
  using nlohmann::ordered_json;
  ordered_json json;
  json["schema"] = "reveille-bench-1";
  json["version"] = version();
  json["revision"] = revision();
  json["configuration"] = configuration();
  json["processor"] = processor();
  json["command"] = command;
  for (const Table& table : results.tables()) {
    ordered_json rows = ordered_json::object();
    for (const Row& row : table.rows) {
      ordered_json figures;
      for (const Figure& figure : row.figures) figures.push_back({{"value", figure.value}, {"unit", figure.unit}});
      rows[row.name] = {{"what", row.what}, {"figures", figures}};
    }
    json["tables"][table.name] = {{"title", table.title}, {"rows", rows}};
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::string bench_html(const Results& results, const std::string& command) {
  const Row* opened = results.find("flood", "no_guard");
  const Row* reached = results.find("flood", "core");
  std::string title = "Measured on this machine";
  if (opened != nullptr && reached != nullptr) {
    title = "A CPU core opens " + written(opened->figures.at(1).value) + " AP Requests a second; behind the guard " +
            written(reached->figures.at(0).value) + " " + reached->figures.at(0).unit + " reach it";
  }
  std::string tables;
  for (const Table& table : results.tables()) tables += html_table(table);
  return html::begin_page(escape_html(title), "bench · " + escape_html(processor()), "") +
         "<p class=\"lead\">How fast the engines of this program are, what the core does at its port, and what a flood "
         "costs a host with and without it. Simulated time and cycles are the core's; CPU time is this "
         "machine's, with whatever else it was doing.</p>\n<div class=\"tiles\">\n" +
         tile(results, "flood", "no_guard", 0, "of CPU for each AP Request that is opened, without a guard", "bad") +
         tile(results, "flood", "policy", 0, "with the same policy as software in front") +
         tile(results, "line_rate", "lost", 0, "minimum frames lost, back to back at the port", "good") +
         tile(results, "engines", "lockstep_60", 0, "minimum frames a second, core and model compared in every cycle") +
         "</div>\n<h2>In numbers</h2>\n<div class=\"stack\">\n" + tables +
         "</div>\n<h2>To repeat it</h2>\n<pre class=\"command\">" + escape_html(command) + "</pre>\n<footer>Program " +
         escape_html(version()) + ", revision " + escape_html(revision()) + ", configuration " +
         escape_html(configuration()) +
         ". What each figure is: docs/bench.md of the project.</footer></main></body></html>\n";
}

}  // namespace reveille::sim::bench
