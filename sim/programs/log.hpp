// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace reveille::sim {

/// What a program says of itself on standard error, a line an event: for people, or one JSON object. Nothing secret is
/// ever given to it; names that come from the network are shown with nothing that a terminal would obey.
class Log {
 public:
  enum class Format { text, json };
  using Field = std::pair<std::string_view, nlohmann::ordered_json>;

  Log(std::string program, Format format) : program_(std::move(program)), format_(format) {}

  void operator()(std::string_view event, std::initializer_list<Field> fields = {}) const;

 private:
  std::string program_;
  Format format_;
};

}  // namespace reveille::sim
