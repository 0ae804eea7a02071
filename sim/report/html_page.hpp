// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/verdict.hpp"

/// The pages: Mustache templates of sim/report/page, and the data that they are filled with.
namespace reveille::sim::html {

using Json = nlohmann::ordered_json;

/// The template `name` with `data`.
std::string fill(const std::string& name, const Json& data);
/// A page, the template `name` with `data`, as one file that fetches nothing. `embedded` is for its scripts, which find
/// it as JSON in the page. Program, revision and configuration are in the footer of every page.
std::string page(const std::string& name, Json data, const Json& embedded);

/// A figure and what it means; `mood` is empty, `good` or `bad`.
Json tile(const std::string& value, const std::string& meaning, const char* mood = "");

/// What a table shows in one place.
struct Cell {
  std::string text;
  bool number = false;
  std::string small = {};  ///< a line below it
  std::string dot = {};    ///< a point of that CSS class in front of it
  std::string link = {};   ///< leads there
  bool is_filter = false;  ///< a display filter or a command, to be copied
};
Cell text(std::string_view value);
Cell text(std::string_view value, std::string_view small);
Cell count(std::uint64_t value);
Cell number(std::string_view value);
Cell filter(std::string_view value);
/// A verdict's name with a point of its fate's colour.
Cell verdict(Verdict verdict);

/// Heads stand over numbers as the first row has them.
Json table(const std::string& title, const std::vector<std::string>& heads, const std::vector<std::vector<Cell>>& rows);

/// What became of a frame with this verdict, as CSS class: `passed`, `session` (dropped for its session's sake) or
/// `form` (dropped for what it is).
std::string_view fate(Verdict verdict);

}  // namespace reveille::sim::html
