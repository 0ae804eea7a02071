// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "report/run_report.hpp"

namespace reveille::sim {

struct RecordedFrame;

/// The table at the end of a run, for people.
void print_report(std::ostream& out, const RunReport& report);

/// report.json; its schema is docs/report.md.
std::string report_json(const RunReport& report);

/// report.html: one file, nothing fetched.
std::string report_html(const RunReport& report);

/// Writes the captures: `network.pcapng` with every frame that an ordinary decoder has nothing to complain about, and
/// `malformed.pcapng` with those of the flood that are wrong on purpose. Interfaces: 0 network, 1 host.
void write_captures(const std::filesystem::path& folder, const std::vector<RecordedFrame>& frames);

}  // namespace reveille::sim
