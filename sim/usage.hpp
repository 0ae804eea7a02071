// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace reveille::sim {

/// What is wrong with a command line that `app` refused with `error`: the word, what was expected, and for a misspelt
/// option the one that was likely meant.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace reveille::sim
