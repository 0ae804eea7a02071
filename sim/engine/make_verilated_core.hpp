// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "reveille/core/ports.hpp"

namespace reveille::sim {

/// Which cycles go into a waveform, and where.
struct WaveformWindow {
  std::filesystem::path file;  ///< FST
  std::uint64_t first_cycle = 0;
};

/// Makes the Verilated core. Error{bad_input} if this build has no RTL, or a waveform is asked for in a program that
/// writes none.
std::unique_ptr<core::CoreInterface> make_verilated_core(int seed, const std::optional<WaveformWindow>& window = {});

}  // namespace reveille::sim
