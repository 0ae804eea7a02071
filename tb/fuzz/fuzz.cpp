// SPDX-License-Identifier: Apache-2.0
// The program of scripts/fuzz: libFuzzer's inputs, each played on RTL and model in lockstep beside the untimed policy
// (play.hpp), in a copy of a process that stands where the input begins. libFuzzer's feedback is the models' code, and
// Verilator's points of coverage of the RTL. Aborts, and so leaves the input as a file, where they differ. The
// environment's REVEILLE_FUZZ_STATUS names a file in which it keeps what it did.
#include <Vreveille_fuzz.h>
#include <Vreveille_fuzz__Syms.h>
#include <verilated.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <span>

#include "engine/difference_report.hpp"
#include "engine/verilated_core.hpp"
#include "fuzz/fork_server.hpp"
#include "fuzz/play.hpp"
#include "reveille/core/core.hpp"
#include "system/in_child.hpp"

// Where clang's instrumentation counts, of all that is linked.
extern "C" std::uint8_t __start___sancov_cntrs;
extern "C" std::uint8_t __stop___sancov_cntrs;

namespace {

using namespace reveille;
using fuzz::Play, fuzz::Start;

constexpr std::size_t kPoints = std::extent_v<decltype(Vreveille_fuzz__Syms::__Vcoverage)>;
constexpr std::size_t kMostOctets = 4096;
constexpr std::size_t kMostCounters = 1U << 17;

// libFuzzer reads what is in this section after each input; here, nobody does.
__attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t points_reached[kPoints];

std::span<std::uint8_t> model_counters() {
  return {&__start___sancov_cntrs, static_cast<std::size_t>(&__stop___sancov_cntrs - &__start___sancov_cntrs)};
}

struct CountedCore final : sim::VerilatedCore<Vreveille_fuzz> {
  using VerilatedCore::VerilatedCore;
  /// How often it came by each point: of a line, branch or toggle.
  [[nodiscard]] std::span<std::uint32_t> points() { return top_->rootp->vlSymsp->__Vcoverage; }
};

/// What the processes share: an input goes in, what it did comes out.
struct Exchange {
  std::size_t octets = 0;
  std::array<std::uint8_t, kMostOctets> input{};
  std::array<std::uint32_t, kPoints> points{};
  std::array<std::uint8_t, kMostCounters> model{};
  std::uint64_t cycles = 0;
  fuzz::PolicyOracle::Counts counts;
};

class Bed {
 public:
  Bed() {
    if (model_counters().size() > kMostCounters) throw Error(ErrorKind::internal, "fuzz: more counters than places");
    sim::Lockstep lockstep(rtl_, model_, 0);
    const Start cold = Play::cold(lockstep);
    serve([&] { return cold; });
    const Start ready = Play::ready(lockstep, cold);
    for (unsigned number = 1; number != Play::kStarts; ++number)
      serve([&, number] { return Play::at_work(lockstep, ready, number); });
  }
  ~Bed() {
    write_status();
    std::copy(totals_.begin(), totals_.end(), rtl_.points().begin());  // for the file of coverage (tb/coverage.hpp)
  }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  void play(ByteView input) {
    input = input.first(std::min(input.size(), kMostOctets));
    exchange_->octets = input.size();
    std::copy(input.begin(), input.end(), exchange_->input.begin());
    if (!servers_[Play::start_of(input)].run()) {
      write_status();
      std::abort();
    }
    std::copy_n(exchange_->model.begin(), model_counters().size(), model_counters().begin());
    for (std::size_t i = 0; i != kPoints; ++i) {
      points_reached[i] = exchange_->points[i] != 0 ? 1 : 0;
      totals_[i] += exchange_->points[i];
    }
    ++executions_;
    cycles_ += exchange_->cycles;
    counts_ += exchange_->counts;
    if (const auto now = std::chrono::steady_clock::now(); now - written_ > std::chrono::seconds(5)) {
      write_status();
      written_ = now;
    }
  }

 private:
  template <typename GetThere>
  void serve(GetThere get_there) {
    Start start;
    servers_.emplace_back([&] { start = get_there(); }, [&] { return play_in_copy(start); });
  }

  bool play_in_copy(const Start& start) {
    std::fill(rtl_.points().begin(), rtl_.points().end(), 0);
    std::fill(model_counters().begin(), model_counters().end(), 0);
    const ByteView input = ByteView(exchange_->input).first(exchange_->octets);
    sim::Lockstep lockstep(rtl_, model_, 0);
    Play play(lockstep, start);
    bool agrees = false;
    try {
      play.run(input);
      lockstep.finish();
      agrees = true;
    } catch (const sim::LockstepError& error) {
      std::cerr << sim::describe(error.difference(), lockstep) << std::endl;
    } catch (const std::exception& error) {
      std::cerr << error.what() << " cycle=" << lockstep.cycles_compared() << std::endl;
    }
    std::copy(rtl_.points().begin(), rtl_.points().end(), exchange_->points.begin());
    std::copy(model_counters().begin(), model_counters().end(), exchange_->model.begin());
    exchange_->cycles = play.cycles();
    exchange_->counts = play.oracle().counts();
    return agrees;
  }

  void write_status() const {
    const char* const file = std::getenv("REVEILLE_FUZZ_STATUS");
    if (file == nullptr) return;
    std::ofstream out(file);
    out << "executions " << executions_ << "\nframes " << counts_.frames << "\njudged " << counts_.judged
        << "\ndecided " << counts_.decided << "\ncycles " << cycles_ << "\npoints "
        << std::count_if(totals_.begin(), totals_.end(), [](std::uint64_t count) { return count != 0; })
        << "\npoints_of " << kPoints << "\n";
    for (std::size_t i = 0; i != kVerdictCount; ++i) out << kVerdictNames[i] << " " << counts_.verdicts[i] << "\n";
  }

  sim::test::Shared<Exchange> shared_;
  Exchange* exchange_ = &*shared_;
  CountedCore rtl_{1};
  core::Core model_;
  std::vector<fuzz::ForkServer> servers_;
  std::array<std::uint64_t, kPoints> totals_{};
  std::uint64_t executions_ = 0;
  std::uint64_t cycles_ = 0;
  fuzz::PolicyOracle::Counts counts_;
  std::chrono::steady_clock::time_point written_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bed bed;
  bed.play({data, size});
  return 0;
}
