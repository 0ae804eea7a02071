// SPDX-License-Identifier: Apache-2.0
#include "engine/verilated_core.hpp"

#include "common/error.hpp"

#ifdef REVEILLE_HAS_RTL
#include <Vreveille.h>
#include <verilated.h>
#endif

namespace reveille::sim {

std::unique_ptr<core::CoreInterface> make_verilated_core([[maybe_unused]] int seed) {
#ifdef REVEILLE_HAS_RTL
  return std::make_unique<VerilatedCore<Vreveille, VerilatedContext>>(seed);
#else
  throw Error(ErrorKind::bad_input, "built without the RTL: only the model can run");
#endif
}

}  // namespace reveille::sim
