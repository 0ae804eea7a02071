// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "report/html_page.hpp"

namespace reveille::sim::html {

/// So many slices of a time, in which frames are counted by their verdict; the chart draws the shorter ones together.
constexpr unsigned chart_slices = 960;

/// What verdicts.js draws: the frames of each verdict that there was, by slice.
Json verdict_chart(double slice_us, const std::vector<std::array<std::uint32_t, kVerdictCount>>& slices);

}  // namespace reveille::sim::html
