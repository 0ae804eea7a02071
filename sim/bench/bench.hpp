// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

namespace reveille::sim {

/// Adds the subcommand `bench`: speed of the engines, line rate, Wake Ups, and what a flood costs a host with and
/// without a guard. Prints tables and writes them for programs and as a page; judges nothing.
void add_bench_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
