// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/html_page.hpp"
#include "report/run_report.hpp"

namespace reveille::sim::html {

/// What the page says of a difference: both values, the rules, the judged frame field by field, the frames in flight,
/// and how to open the waveform.
Json difference(const Difference& difference);

/// GTKWave's saved view of the waveform; scripts/waves opens it in Surfer, too.
std::string difference_view(const Difference& difference);

}  // namespace reveille::sim::html
