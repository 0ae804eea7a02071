// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace reveille::sim {

/// What stands in a JSON file. Error{bad_input} naming the file if it cannot be read, is not JSON, nests deeper than
/// any file of ours could, or has a key twice in one object.
nlohmann::json read_json_file(const std::filesystem::path& path);

/// A value or a key as a message shows it: of a long one the beginning, and nothing that a terminal would obey.
std::string excerpt(const nlohmann::json& value);
std::string key_excerpt(const std::string& key);

}  // namespace reveille::sim
