// SPDX-License-Identifier: Apache-2.0
#pragma once

// Read before everything else in the sources that scripts/tool/model_mutants.py has changed.

#include <cstdlib>
#include <type_traits>

namespace reveille::mutants {

/// Of all, the one that is alive: REVEILLE_MUTANT; 0 and none: the model as it is.
inline unsigned chosen() {
  static const unsigned number = [] {
    const char* text = std::getenv("REVEILLE_MUTANT");
    return text == nullptr ? 0U : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
  }();
  return number;
}

/// What the compiler computes is not changed.
constexpr bool on(unsigned number) { return !std::is_constant_evaluated() && number == chosen(); }

}  // namespace reveille::mutants
