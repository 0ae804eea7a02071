// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace reveille::sim {

Progress::Progress(int lines) : terminal_(isatty(STDERR_FILENO) != 0), lines_(lines) {}

Progress::~Progress() {
  if (terminal_ && width_ > 0) std::cerr << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void Progress::show(double share, const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  const int line = static_cast<int>(share * lines_);
  if (terminal_ ? share < 1 && now - last_ < std::chrono::milliseconds(100) : line == line_) return;
  last_ = now;
  line_ = line;
  std::string shown = "  " + std::to_string(static_cast<int>(share * 100)) + " %   " + text;
  if (terminal_) {
    shown.resize(std::max(shown.size(), width_), ' ');
    width_ = shown.size();
    std::cerr << '\r' << shown << std::flush;
  } else {
    std::cerr << shown << '\n' << std::flush;
  }
}

}  // namespace reveille::sim
