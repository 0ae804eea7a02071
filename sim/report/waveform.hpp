// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "report/run_report.hpp"

namespace reveille::sim {

/// Its name in the folder of a run.
constexpr const char* waveform_name = "difference.fst";
constexpr const char* view_name = "difference.gtkw";  ///< a saved view of it

/// Repeats a run that found a difference with reveille-waves, which lies beside this program, and leaves the waveform
/// of the RTL from 200 cycles before the difference in `folder`. Empty, with a line on standard error, if that did not
/// work: the difference is reported all the same.
std::filesystem::path write_waveform(const std::filesystem::path& folder, const RunReport& report);

}  // namespace reveille::sim
