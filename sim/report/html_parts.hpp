// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "report/run_report.hpp"

/// The parts of report.html that are more than text and tables. Each gives a fragment; colours are those of `style`.
namespace reveille::sim::html {

/// The style sheet: light and dark, screen and paper.
extern const std::string_view style;

/// What became of a frame, as the drawings colour it.
enum class Fate { passed, dropped_by_session, dropped_by_form };
Fate fate_of(Verdict verdict);
std::string_view css_class(Fate fate);

/// Begins a box for a drawing that scrolls where the page is narrow, by the keyboard too: hence its name.
std::string wide(const std::string& name);

/// The sequence diagram of report.exchange, and the octets of its frames.
std::string exchange(const std::vector<ExchangeStep>& steps);
/// Established sessions, and below them the frames of each verdict, over the time of the run.
std::string verdicts_over_time(const RunReport& report);
/// The frames of each verdict alone.
std::string verdicts_over_time(double slice_us, const std::vector<std::array<std::uint32_t, kVerdictCount>>& slices);
/// The states of a session with what the run counted at each transition.
std::string session_life(const RunReport& report);

}  // namespace reveille::sim::html
