// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iostream>

#include "engine/difference_report.hpp"
#include "engine/make_verilated_core.hpp"
#include "reveille/core/core.hpp"

namespace reveille::sim::test {

/// A Verilated core of its own power-up values, and its model, in lockstep.
struct LockstepPair {
  explicit LockstepPair(std::uint64_t seed)
      : rtl(make_verilated_core(static_cast<int>(seed))), lockstep(*rtl, model, seed) {}
  /// Whether it comes to its end without a difference, or an assertion that fails; says what is wrong.
  template <typename Play>
  bool agrees(Play play) {
    try {
      play();
      lockstep.finish();
      return true;
    } catch (const LockstepError& error) {
      std::cerr << describe(error.difference(), lockstep) << std::endl;
    } catch (const Error& error) {
      std::cerr << error.what() << std::endl;
    }
    return false;
  }

  std::unique_ptr<core::CoreInterface> rtl;
  core::Core model;
  Lockstep lockstep;
};

}  // namespace reveille::sim::test
