// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace reveille::sim::html {

/// By name, the files of sim/report/page, and the pages docs/timing*.md, whose rules the page of a difference cites.
/// embed.cmake writes it.
extern const std::map<std::string, std::string> page_files;

}  // namespace reveille::sim::html
