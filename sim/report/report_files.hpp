// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

#include "report/run_report.hpp"

namespace reveille::sim {

/// The table at the end of a run, for people.
void print_report(std::ostream& out, const RunReport& report);

/// report.json; its schema is docs/report.md.
std::string report_json(const RunReport& report);

/// report.html: one file, nothing fetched.
std::string report_html(const RunReport& report);

}  // namespace reveille::sim
