// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

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

/// The option `--engine`, default lockstep, as `run`, `replay` and `bench` share it.
void add_engine_option(CLI::App& app, EngineKind& engine);

}  // namespace reveille::sim
