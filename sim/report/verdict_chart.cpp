// SPDX-License-Identifier: Apache-2.0
#include "report/verdict_chart.hpp"

#include <algorithm>

namespace reveille::sim::html {

Json verdict_chart(double slice_us, const std::vector<std::array<std::uint32_t, kVerdictCount>>& slices) {
  std::vector<Verdict> rows;
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    if (std::ranges::any_of(slices, [code](const auto& slice) { return slice[code] > 0; }))
      rows.push_back(static_cast<Verdict>(code));
  }
  // Those that pass on top, then those that the session drops.
  const auto rank = [](Verdict verdict) {
    const std::string_view its = fate(verdict);
    return its == "passed" ? 0 : its == "session" ? 1 : 2;
  };
  std::ranges::stable_sort(rows, {}, rank);
  Json json = {{"slice_us", slice_us}, {"slices", slices.size()}, {"rows", Json::array()}};
  for (const Verdict verdict : rows) {
    Json frames = Json::array();
    for (const auto& slice : slices) frames.push_back(slice[index(verdict)]);
    json["rows"].push_back({{"verdict", name(verdict)}, {"fate", fate(verdict)}, {"frames", std::move(frames)}});
  }
  return json;
}

}  // namespace reveille::sim::html
