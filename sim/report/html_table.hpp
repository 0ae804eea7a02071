// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Tiles and tables of the pages.
namespace reveille::sim::html {

struct Cell {
  std::string html;
  bool number = false;
};
Cell text(std::string_view value);
/// As it is: the caller has escaped it.
Cell raw(std::string value);
Cell count(std::uint64_t value);
Cell number(const std::string& value);

std::string tile(const std::string& value, const std::string& meaning, const char* mood = "");
std::string table(const std::string& title, const std::vector<std::string>& heads,
                  const std::vector<std::vector<Cell>>& rows);
/// A page up to its first heading, that included. `title` is HTML, `eyebrow` too.
std::string begin_page(const std::string& title, const std::string& eyebrow, const std::string& end_of_heading);

}  // namespace reveille::sim::html
