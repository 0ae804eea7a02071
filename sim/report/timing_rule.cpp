// SPDX-License-Identifier: Apache-2.0
#include "report/timing_rule.hpp"

#include <algorithm>
#include <sstream>

#include "report/page_files.hpp"

namespace reveille::sim {

namespace {

/// A line of a page without its Markdown: cells of a table with a point between them.
std::string plain(std::string line) {
  std::erase_if(line, [](char c) { return c == '`' || c == '*'; });
  std::string text;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    text += (text.empty() ? "" : " · ") + cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
  }
  return text;
}

}  // namespace

std::optional<TimingRule> timing_rule(std::string_view number) {
  const std::string row = "| " + std::string(number) + " |";
  const std::string paragraph = "**" + std::string(number);
  for (const auto& [file, text] : html::page_files) {
    if (!file.ends_with(".md")) continue;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool is_row = line.starts_with(row);
      const bool is_paragraph = line.starts_with(paragraph) && line.size() > paragraph.size() &&
                                (line[paragraph.size()] == ' ' || line[paragraph.size()] == '*');
      if (!is_row && !is_paragraph) continue;
      return TimingRule{std::string(number), file == "timing.md" ? "docs/timing.md" : "docs/timing/" + file,
                        plain(is_row ? line.substr(row.size()) : line.substr(paragraph.size()))};
    }
  }
  return std::nullopt;
}

}  // namespace reveille::sim
