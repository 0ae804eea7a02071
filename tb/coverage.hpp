// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>
#include <verilated.h>
#include <verilated_cov.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>

namespace reveille::tb {

inline unsigned next_file = 0;  ///< of this process: a program may have several Verilated classes

/// In a build with REVEILLE_COVERAGE the destructor of each Verilated class begins with this (scripts/tool/verilate):
/// adds what its points counted to those of all of its class before, and when the process ends writes the sums to the
/// folder that the environment variable REVEILLE_COVERAGE names. A process that ends by _exit writes nothing.
template <class Top, class Count, std::size_t Points>
void keep_coverage(Count (&points)[Points], VerilatedContext& context) {
  static std::array<std::uint64_t, Points> sums{};
  static bool ends = false;
  static const char* const folder = std::getenv("REVEILLE_COVERAGE");
  if (folder == nullptr) return;
  if (!ends) {
    // Its destructor writes: the names of the points are in an instance.
    static const int registered = std::atexit([] {
      ends = true;
      VerilatedContext last;
      std::make_unique<Top>(&last);
    });
    static_cast<void>(registered);
    for (std::size_t i = 0; i != Points; ++i) sums[i] += points[i];
    return;
  }
  constexpr std::uint64_t most = std::numeric_limits<Count>::max();
  for (std::size_t i = 0; i != Points; ++i) points[i] = static_cast<Count>(std::min(sums[i], most));
  static const std::string file =
      std::string(folder) + "/" + std::to_string(getpid()) + "." + std::to_string(next_file++) + ".dat";
  context.coveragep()->write(file);
}

}  // namespace reveille::tb
