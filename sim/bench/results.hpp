// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace reveille::sim::bench {

/// A value and its unit.
struct Figure {
  double value = 0;
  std::string unit;
};

/// One or two figures. `name` is for programs and never changes, `what` for people.
struct Row {
  std::string name;
  std::string what;
  std::vector<Figure> figures;
};

struct Table {
  std::string name;
  std::string title;
  std::vector<Row> rows;
};

/// What was measured so far. Each row stands on standard output as soon as it is added.
class Results {
 public:
  /// Begins a table, for the rows to come.
  void table(const std::string& name, const std::string& title);
  void add(const std::string& name, const std::string& what, std::vector<Figure> figures);

  [[nodiscard]] const std::vector<Table>& tables() const { return tables_; }
  /// The row of this name in the table of that one, or nothing where it was not measured.
  [[nodiscard]] const Row* find(const std::string& table, const std::string& row) const;

 private:
  std::vector<Table> tables_;
};

/// As people read it: two digits behind the point below 100, none above and of whole numbers.
int digits(double value);

}  // namespace reveille::sim::bench
