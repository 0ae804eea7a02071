// SPDX-License-Identifier: Apache-2.0
#include "report/html_table.hpp"

#include <sstream>

#include "report/html_parts.hpp"
#include "report/text.hpp"

namespace reveille::sim::html {

Cell text(std::string_view value) { return {escape_html(value), false}; }
Cell raw(std::string value) { return {std::move(value), false}; }
Cell count(std::uint64_t value) { return {grouped(value), true}; }
Cell number(const std::string& value) { return {escape_html(value), true}; }

std::string tile(const std::string& value, const std::string& meaning, const char* mood) {
  return std::string("<div class=\"tile ") + mood + "\"><b>" + escape_html(value) + "</b><span>" +
         escape_html(meaning) + "</span></div>\n";
}

std::string table(const std::string& title, const std::vector<std::string>& heads,
                  const std::vector<std::vector<Cell>>& rows) {
  std::ostringstream out;
  out << "<div class=\"card\"><h3>" << escape_html(title) << "</h3><table>";
  if (!heads.empty() && !rows.empty()) {
    out << "<thead><tr>";
    for (std::size_t i = 0; i < heads.size(); ++i)
      out << "<th" << (rows.front()[i].number ? " class=\"n\"" : "") << '>' << escape_html(heads[i]) << "</th>";
    out << "</tr></thead>";
  }
  out << "<tbody>";
  for (const auto& row : rows) {
    out << "<tr>";
    for (const Cell& cell : row) out << "<td" << (cell.number ? " class=\"n\"" : "") << '>' << cell.html << "</td>";
    out << "</tr>";
  }
  out << "</tbody></table></div>\n";
  return out.str();
}

std::string begin_page(const std::string& title, const std::string& eyebrow, const std::string& end_of_heading) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\"><title>Reveille: " +
         title + "</title><style>" + std::string(style) +
         "</style></head><body><main>\n<p class=\"eyebrow\"><b>Reveille</b> &nbsp; " + eyebrow + "</p>\n<h1>" + title +
         end_of_heading + "</h1>\n";
}

}  // namespace reveille::sim::html
