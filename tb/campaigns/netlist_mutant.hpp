// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "Vnetlist_mutants.h"

namespace reveille::sim::test {

extern int chosen_mutant;

/// The netlist with all mutants, of which the chosen one is alive.
struct NetlistMutant : Vnetlist_mutants {
  using Vnetlist_mutants::Vnetlist_mutants;
  void eval() {
    mutant = static_cast<std::uint16_t>(chosen_mutant);
    Vnetlist_mutants::eval();
  }
};

}  // namespace reveille::sim::test
