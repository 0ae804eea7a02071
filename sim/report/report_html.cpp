// SPDX-License-Identifier: Apache-2.0
#include "report/report_files.hpp"

namespace reveille::sim {

std::string report_html(const RunReport& report) { return report_json(report); }

}  // namespace reveille::sim
