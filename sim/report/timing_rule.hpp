// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reveille::sim {

/// A rule of docs/timing.md and docs/timing/, as it stands there.
struct TimingRule {
  std::string number;  ///< "V2"
  std::string page;    ///< "docs/timing/guard.md"
  std::string text;
};

/// By its number; nothing where no page has it.
std::optional<TimingRule> timing_rule(std::string_view number);

}  // namespace reveille::sim
