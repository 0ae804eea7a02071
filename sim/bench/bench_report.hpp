// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/results.hpp"

namespace reveille::sim::bench {

/// What `--json` writes; its schema is docs/bench.md. `command` repeats the measurement.
std::string bench_json(const Results& results, const std::string& command);

/// What `--report` writes: one file, nothing fetched.
std::string bench_html(const Results& results, const std::string& command);

}  // namespace reveille::sim::bench
