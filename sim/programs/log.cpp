// SPDX-License-Identifier: Apache-2.0
#include "programs/log.hpp"

#include <cstdio>
#include <ctime>
#include <iostream>

#include "programs/event_loop.hpp"

namespace reveille::sim {
namespace {

using nlohmann::ordered_json;

/// As 2026-01-31T12:00:00.123456Z.
std::string timestamp() {
  const kerberos::Time now = wall_clock();
  const auto seconds = static_cast<std::time_t>(now / kerberos::second);
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%06dZ", kerberos::microseconds_of(now));
  return text;
}

std::string escaped(const ordered_json& value) {
  return value.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

/// Bare where nothing in it could be misread.
std::string shown(const ordered_json& value) {
  const std::string quoted = escaped(value);
  if (!value.is_string()) return quoted;
  const std::string bare = quoted.substr(1, quoted.size() - 2);
  return bare.empty() || bare.find_first_of(" =\"\\") != std::string::npos ? quoted : bare;
}

}  // namespace

void Log::operator()(std::string_view event, std::initializer_list<Field> fields) const {
  std::string line;
  if (format_ == Format::json) {
    ordered_json object = {{"time", timestamp()}, {"program", program_}, {"event", event}};
    for (const auto& [name, value] : fields) object[std::string(name)] = value;
    line = escaped(object);
  } else {
    line = timestamp() + " " + program_ + " " + std::string(event);
    for (const auto& [name, value] : fields) line += " " + std::string(name) + "=" + shown(value);
  }
  std::cerr << line + "\n" << std::flush;
}

}  // namespace reveille::sim
