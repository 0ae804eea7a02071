// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string_view>

#include "engine.hpp"

namespace reveille::sim::test {

/// RTL and model in lockstep where there is RTL; the model alone if REVEILLE_TEST_ENGINE says so: then a test has to
/// find for itself what is wrong with it.
inline EngineKind engine_under_test() {
#ifdef REVEILLE_HAS_RTL
  const char* text = std::getenv("REVEILLE_TEST_ENGINE");
  return text != nullptr && std::string_view(text) == "model" ? EngineKind::model : EngineKind::lockstep;
#else
  return EngineKind::model;
#endif
}

}  // namespace reveille::sim::test
