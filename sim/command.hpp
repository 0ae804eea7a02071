// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine.hpp"

namespace reveille::sim {

/// Exit statuses of every command.
constexpr int exit_success = 0;
constexpr int exit_difference = 1;
constexpr int exit_bad_input = 2;
constexpr int exit_internal = 3;
constexpr int exit_interrupted = 130;

/// What a subcommand does once the command line is known; gives the exit status.
using Action = std::function<int()>;

/// An option that takes a text; empty unless it is given.
void add_text_option(CLI::App& app, const std::string& name, std::optional<std::string>& text,
                     const std::string& description);

/// Refuses all values but these, of which there are two or more; --help lists them.
CLI::Validator one_of(const std::vector<std::string>& words);

/// The whole number that `text` is, from `low` to `high`; else Error{bad_input} beginning with `where`.
std::uint64_t whole_number(const std::string& text, std::uint64_t low, std::uint64_t high, const std::string& where);

/// A text as a word of a POSIX shell's command line.
std::string shell_word(const std::string& text);

/// As `--engine` names it.
std::string engine_name(EngineKind kind);

/// The option `--engine`, which all commands that have an engine share; its default is what `engine` holds.
void add_engine_option(CLI::App& app, EngineKind& engine);

}  // namespace reveille::sim
