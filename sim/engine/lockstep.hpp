// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "reveille/common/bytes.hpp"
#include "reveille/common/error.hpp"
#include "reveille/core/ports.hpp"

namespace reveille::sim {

/// The first difference between the RTL and its model.
struct LockstepDifference {
  std::uint64_t cycle = 0;  ///< in which the outputs differ; 0 is the first
  std::string signal;       ///< the core's port
  std::string rtl;          ///< hexadecimal; of verdict_code the verdict's name
  std::string model;
  std::string rule;  ///< of docs/timing.md: the port's
  std::uint64_t seed = 0;
};

/// `MISMATCH cycle= signal= rtl= model= rule= seed=`.
std::string format(const LockstepDifference& difference);

class LockstepError : public Error {
 public:
  explicit LockstepError(const LockstepDifference& difference)
      : Error(ErrorKind::internal, format(difference)), difference_(difference) {}
  [[nodiscard]] const LockstepDifference& difference() const noexcept { return difference_; }

 private:
  LockstepDifference difference_;
};

/// A frame that went into the core, the last one perhaps not yet whole.
struct RecentFrame {
  enum class Port { net, host };
  Port port = Port::net;
  std::uint64_t first_cycle = 0;
  std::uint64_t last_cycle = 0;  ///< of its last beat so far
  bool complete = false;
  Bytes octets;
};

/// Two cores in step: the same inputs, and every output compared in every cycle. `clock` throws LockstepError where
/// they differ.
class Lockstep final : public core::CoreInterface {
 public:
  static constexpr std::size_t kRecentFrames = 16;

  /// `seed`: of the run, for the report.
  Lockstep(core::CoreInterface& rtl, core::CoreInterface& model, std::uint64_t seed);

  const core::Outputs& outputs() override { return rtl_.outputs(); }
  void clock() override;
  void finish() override {
    rtl_.finish();
    model_.finish();
  }

  [[nodiscard]] std::uint64_t cycles_compared() const { return cycle_; }
  /// The last frames in, oldest first.
  [[nodiscard]] std::vector<RecentFrame> recent_frames() const;
  /// Of those of the network, the last one whose verdict's cycle has come (T4).
  [[nodiscard]] std::optional<RecentFrame> judged_frame() const;

 private:
  void compare();
  void record(RecentFrame::Port port, const core::StreamSource& beat);

  core::CoreInterface& rtl_;
  core::CoreInterface& model_;
  std::uint64_t seed_;
  std::uint64_t cycle_ = 0;
  std::array<RecentFrame, kRecentFrames> frames_;
  std::size_t next_frame_ = 0;
  std::array<std::optional<std::size_t>, 2> under_way_;  // by port: where in `frames_`
};

}  // namespace reveille::sim
