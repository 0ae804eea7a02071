// SPDX-License-Identifier: Apache-2.0
#include "json_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "reveille/common/error.hpp"

namespace reveille::sim {

using nlohmann::json;

namespace {

/// nlohmann's parser does not mind, but what comes after it (printing a value, for one) is recursive.
constexpr int deepest = 32;
constexpr std::size_t longest_excerpt = 80;
/// Of what the parser says: it may quote as much as it has read.
constexpr std::size_t longest_complaint = 200;

std::string shortened(const std::string& text, std::size_t longest) {
  return text.size() <= longest ? text : text.substr(0, longest - 3) + "...";
}

/// Sees each part of a document as it is parsed; refuses what the parser takes and we do not.
class Watch {
 public:
  explicit Watch(std::string file) : file_(std::move(file)) {}

  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > deepest) {
      throw Error(ErrorKind::bad_input, file_ + ": nested more than " + std::to_string(deepest) + " deep");
    }
    if (event == json::parse_event_t::object_start) open_objects_.emplace_back();
    if (event == json::parse_event_t::object_end) open_objects_.pop_back();
    if (event == json::parse_event_t::key && !open_objects_.back().insert(parsed.get<std::string>()).second) {
      throw Error(ErrorKind::bad_input,
                  file_ + ": " + key_excerpt(parsed.get<std::string>()) + ": the key stands twice");
    }
    return true;
  }

 private:
  std::string file_;
  std::vector<std::set<std::string>> open_objects_;
};

/// What the parser says, without its name for it: "line 1, column 9: syntax error ...".
std::string without_jargon(std::string text) {
  for (const std::string_view end : {"] ", "parse error at "}) {
    if (const auto at = text.find(end); at != std::string::npos) text.erase(0, at + end.size());
  }
  return shortened(text, longest_complaint);
}

}  // namespace

json read_json_file(const std::filesystem::path& path) {
  const std::string file = path.empty() ? "\"\"" : path.string();
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  if (!stream || is_folder) {
    throw Error(ErrorKind::bad_input, file + ": cannot be read: " + std::strerror(is_folder ? EISDIR : errno));
  }
  try {
    json read = json::parse(stream, Watch(file));
    // The parser takes an octet 0 for the end.
    if (!stream.eof()) throw Error(ErrorKind::bad_input, file + ": not JSON: an octet 0 behind the value");
    return read;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::bad_input, file + ": not JSON: " + without_jargon(error.what()));
  } catch (const std::ios_base::failure& error) {
    throw Error(ErrorKind::bad_input, file + ": cannot be read: " + error.what());
  }
}

std::string excerpt(const json& value) {
  // A command line's text need not be UTF-8.
  return shortened(value.dump(-1, ' ', false, json::error_handler_t::replace), longest_excerpt);
}

std::string key_excerpt(const std::string& key) {
  if (key.empty()) return "\"\"";
  const std::string quoted = json(key).dump();  // which writes control characters as escapes
  return shortened(quoted.substr(1, quoted.size() - 2), longest_excerpt);
}

}  // namespace reveille::sim
