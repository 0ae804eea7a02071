// SPDX-License-Identifier: Apache-2.0
#include "bench/results.hpp"

#include <cmath>
#include <iomanip>
#include <iostream>

#include "output_file.hpp"

namespace reveille::sim::bench {

int digits(double value) { return value < 100 && value != std::floor(value) ? 2 : 0; }

void Results::table(const std::string& name, const std::string& title) {
  tables_.push_back({name, title, {}});
  std::cout << '\n' << title << '\n';
}

void Results::add(const std::string& name, const std::string& what, std::vector<Figure> figures) {
  std::cout << "  " << std::left << std::setw(46) << what << std::right << std::fixed;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const bool last = i + 1 == figures.size();
    const auto& [value, unit] = figures[i];
    std::cout << std::setw(12) << std::setprecision(digits(value)) << value << ' ' << std::left
              << std::setw(last ? 0 : 12) << unit << std::right;
  }
  std::cout << '\n' << std::flush;
  tables_.back().rows.push_back({name, what, std::move(figures)});
  // Nobody reads it: no use in going on.
  require_standard_output();
}

const Row* Results::find(const std::string& table, const std::string& row) const {
  for (const Table& candidate : tables_) {
    if (candidate.name != table) continue;
    for (const Row& found : candidate.rows)
      if (found.name == row) return &found;
  }
  return nullptr;
}

}  // namespace reveille::sim::bench
