// SPDX-License-Identifier: Apache-2.0
#include "usage.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace reveille::sim {

namespace {

/// How many letters are to be changed, put in or left out to make one word of the other (Levenshtein's distance).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);  // from what was read of `left` to each beginning of `right`
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

/// "; is --attack meant?" for the option of `command` that is like `word`, if one is.
std::string likely_option(const CLI::App& command, const std::string& word) {
  constexpr std::size_t most = 2;
  std::string nearest;
  std::size_t least = most + 1;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::size_t letters = distance(word, "--" + name);
      if (letters < least) {
        least = letters;
        nearest = "--" + name;
      }
    }
  }
  return nearest.empty() ? "" : "; is " + nearest + " meant?";
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* innermost = &app;
  std::string name = app.get_name();
  for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = innermost->get_subcommands()) {
    innermost = parsed.front();
    name += " " + innermost->get_name();
  }
  const CLI::App& command = *innermost;
  // CLI11 counts values and means the option; an empty value counts for none, and what follows for one more.
  const bool is_count = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  if (const std::string said = error.what(); is_count && said.find("1 required but received") != std::string::npos) {
    return said.substr(0, said.find(':')) + ": given more than once, or with an empty value";
  }
  const std::string advice = "; " + name + " --help lists what there is";
  std::vector<std::string> left = command.remaining();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || left.empty()) return error.what() + advice;
  // CLI11 leaves a value without its option behind it, so the option is named first.
  const auto option = std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with("-"); });
  if (option == left.end()) return left.front() + ": not expected" + advice;
  const std::string written = option->substr(0, option->find('='));
  return written + ": no such option" + likely_option(command, written) + advice;
}

}  // namespace reveille::sim
