// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <algorithm>
#include <map>

#include "number.hpp"

namespace reveille::sim {

void add_text_option(CLI::App& app, const std::string& name, std::optional<std::string>& text,
                     const std::string& description) {
  // Into an optional CLI11 would put nothing for an empty word, and into a number 0.
  app.add_option_function<std::string>(
      name, [&text](const std::string& value) { text = value; }, description);
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  std::string listed;
  std::string expected;
  for (std::size_t i = 0; i < words.size(); ++i) {
    listed += (i == 0 ? "" : ",") + words[i];
    expected += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return {[words, expected](const std::string& value) {
            return std::ranges::find(words, value) != words.end() ? std::string()
                                                                  : "\"" + value + "\": expected " + expected;
          },
          "{" + listed + "}"};
}

std::uint64_t whole_number(const std::string& text, std::uint64_t low, std::uint64_t high, const std::string& where) {
  const std::optional<std::uint64_t> number = parse_number<std::uint64_t>(text);
  if (!number || *number < low || *number > high) {
    throw Error(ErrorKind::bad_input, where + ": \"" + text + "\": expected a whole number from " +
                                          std::to_string(low) + " to " + std::to_string(high));
  }
  return *number;
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string engine_name(EngineKind kind) {
  return kind == EngineKind::rtl ? "rtl" : kind == EngineKind::model ? "model" : "lockstep";
}

void add_engine_option(CLI::App& app, EngineKind& engine) {
  static const std::map<std::string, EngineKind> names = {
      {"rtl", EngineKind::rtl}, {"model", EngineKind::model}, {"lockstep", EngineKind::lockstep}};
  // CLI11 would take the enumeration's numbers as well, and print them in the help.
  app.add_option_function<std::string>(
         "--engine", [&engine](const std::string& name) { engine = names.at(name); },
         "rtl (the Verilated core), model (the cycle-accurate model), lockstep (both, compared); default " +
             engine_name(engine))
      ->check(one_of({"rtl", "model", "lockstep"}))
      ->type_name("ENGINE");
}

}  // namespace reveille::sim
