// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reveille::sim {

/// Of the project, as 0.1.0.
std::string_view version();
/// The commit that the program was built from, with "-modified" behind it if files differed from it; "unknown" where
/// the sources were no clone.
std::string_view revision();
/// The configuration that the core was built for.
std::string_view configuration();

}  // namespace reveille::sim
