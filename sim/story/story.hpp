// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "capture/capture_writer.hpp"
#include "report/run_report.hpp"
#include "reveille/core/ports.hpp"
#include "story/realm.hpp"
#include "story/recorder.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

struct StoryOptions {
  KdcKind kdc = KdcKind::model;
  bool capture_all = false;
  /// Called before the first frame: when the story begins, in nanoseconds since 1970, and what its hosts are called.
  std::function<void(std::uint64_t, const HostNames&)> on_begin = [](std::uint64_t, const HostNames&) {};
  /// Takes each frame for the captures.
  std::function<void(RecordedFrame)> on_frame = [](const RecordedFrame&) {};
  /// Called now and then with the share done and what there is so far; false stops the story there.
  std::function<bool(double, const RunReport&)> progress = [](double, const RunReport&) { return true; };
};

/// What a story leaves behind beside its report.
struct StoryResult {
  RunReport report;
  kerberos::Keytab keys;   ///< opens every ticket in the captures
  SessionsFile sessions;   ///< of a replay of the captures
  std::string esp_table;   ///< opens what the associations carry in the captures
  std::string media_keys;  ///< open what was said in the call
};

/// Plays a scenario on a core: CTAs, controller, KDC, attackers and a network around it, as SystemC modules. Once a
/// process: SystemC elaborates once. `report.engine`, `command` and what comes of lockstep are the caller's to fill in.
/// A difference in lockstep reaches the caller as the exception it was thrown as; `result` holds what was done before.
void play(const Scenario& scenario, core::CoreInterface& core, const StoryOptions& options, StoryResult& result);

}  // namespace reveille::sim
