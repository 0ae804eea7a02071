// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_report.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report/html_page.hpp"
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
  return value < 100 ? decimal(value, digits(value)) : grouped(static_cast<std::uint64_t>(std::llround(value)));
}

/// Nothing where it was not measured.
void add_tile(html::Json& tiles, const Results& results, const char* table, const char* row, const char* meaning,
              const char* mood = "") {
  const Row* found = results.find(table, row);
  if (found == nullptr) return;
  const auto& [value, unit] = found->figures.front();
  tiles.push_back(html::tile(written(value) + (unit == "us/frame" ? " µs" : ""), meaning, mood));
}

html::Json html_table(const Table& table) {
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
  html::Json tables = html::Json::array();
  for (const Table& table : results.tables()) tables.push_back(html_table(table));
  html::Json tiles = html::Json::array();
  add_tile(tiles, results, "flood", "no_guard", "of CPU for each AP Request that is opened, without a guard", "bad");
  add_tile(tiles, results, "flood", "policy", "with the same policy as software in front");
  add_tile(tiles, results, "line_rate", "lost", "minimum frames lost, back to back at the port", "good");
  add_tile(tiles, results, "engines", "lockstep_60", "minimum frames a second, core and model compared in every cycle");
  return html::page("bench.html",
                    {{"title", title},
                     {"eyebrow", "bench · " + processor()},
                     {"four", tiles.size() == 4},
                     {"tiles", tiles},
                     {"tables", tables},
                     {"command", command}},
                    html::Json::object());
}

}  // namespace reveille::sim::bench
