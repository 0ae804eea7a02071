// SPDX-License-Identifier: Apache-2.0
#include "engine/make_verilated_core.hpp"
#include "reveille/common/error.hpp"

// REVEILLE_CORE: the class that Verilator made, Vreveille or Vreveille_trace; not defined in a build without the RTL.
#ifdef REVEILLE_CORE
#include "engine/verilated_core.hpp"
#include REVEILLE_CORE_HEADER
#if VM_TRACE
#include <verilated_fst_c.h>
#endif
#endif

namespace reveille::sim {

#ifdef REVEILLE_CORE
namespace {

#if VM_TRACE
/// Writes the waveform of the cycles from `window.first_cycle` on.
class TracedCore final : public VerilatedCore<REVEILLE_CORE> {
 public:
  TracedCore(int seed, const WaveformWindow& window) : VerilatedCore(seed), window_(window) {
    context_.traceEverOn(true);
    top_->trace(&file_, 99);
  }
  ~TracedCore() override {
    // The run ends where the outputs differ: what stands there is held for some cycles, to be seen.
    if (file_.isOpen()) file_.dump(last_half_cycle_ + half_cycles_held);
    file_.close();
  }

 private:
  void evaluated(std::uint64_t half_cycle) override {
    if (half_cycle < 2 * window_.first_cycle) return;
    if (!file_.isOpen()) file_.open(window_.file.c_str());
    file_.dump(half_cycle);
    last_half_cycle_ = half_cycle;
  }
  static constexpr std::uint64_t half_cycles_held = 8;
  std::uint64_t last_half_cycle_ = 0;
  WaveformWindow window_;
  VerilatedFstC file_;
};
#endif

}  // namespace
#endif

std::unique_ptr<core::CoreInterface> make_verilated_core([[maybe_unused]] int seed,
                                                         [[maybe_unused]] const std::optional<WaveformWindow>& window) {
#ifndef REVEILLE_CORE
  throw Error(ErrorKind::bad_input, "--engine: this build has no RTL: expected model");
#elif VM_TRACE
  if (window) return std::make_unique<TracedCore>(seed, *window);
  return std::make_unique<VerilatedCore<REVEILLE_CORE> >(seed);
#else
  if (window) throw Error(ErrorKind::bad_input, "--waveform: only reveille-waves writes waveforms");
  return std::make_unique<VerilatedCore<REVEILLE_CORE> >(seed);
#endif
}

}  // namespace reveille::sim
