// SPDX-License-Identifier: Apache-2.0
// The table of docs/protocol.md and the generated verdicts are the same table.
#include <fstream>
#include <regex>

#include "catch.hpp"
#include "reveille/verdict.hpp"

using namespace reveille;

TEST_CASE("docs/protocol.md lists every verdict with its code and action") {
  std::ifstream page("docs/protocol.md");
  REQUIRE(page);
  const std::regex row(R"(\| (\d+) \| `(\w+)` \| .* \| ([^|]+) \|)");
  std::size_t rows = 0;
  std::smatch match;
  for (std::string line; std::getline(page, line);) {
    if (!std::regex_match(line, match, row)) continue;
    INFO(line);
    REQUIRE(std::stoul(match[1]) == rows);
    const auto verdict = static_cast<Verdict>(rows);
    CHECK(match[2] == std::string(name(verdict)));
    const std::string action_text = match[3];
    switch (action(verdict)) {
      case VerdictAction::pass: CHECK(action_text == "to the host"); break;
      case VerdictAction::drop: CHECK(action_text == "drop"); break;
      default: CHECK_THAT(action_text, StartsWith("register: "));
    }
    ++rows;
  }
  CHECK(rows == kVerdictCount);
}
