// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "capture/capture_reader.hpp"
#include "engine.hpp"
#include "report/html_page.hpp"

namespace reveille::sim {

/// What became of a capture's frames, counted for the page.
class ReplayHistory {
 public:
  using Counts = std::array<std::uint64_t, kVerdictCount>;

  /// `span_ns`: from the capture's first packet to its last.
  explicit ReplayHistory(std::uint64_t span_ns);
  void count(const Packet& packet, const Outcome& outcome);

  /// The page. `heading` names capture, server and engine; `said` is what the terminal said of the capture; `command`
  /// repeats the replay. All are plain text. `request_us`: what an AP Request costs a host that opens it, of this
  /// machine's CPU time; the page says it where it is given.
  [[nodiscard]] std::string page(const std::string& heading, const std::string& said, const std::string& command,
                                 std::optional<double> request_us) const;

 private:
  struct Source {
    Counts verdicts{};
    std::uint64_t frames = 0;
    std::uint64_t to_host = 0;
  };
  [[nodiscard]] html::Json tiles() const;
  [[nodiscard]] html::Json verdict_table() const;
  [[nodiscard]] html::Json source_table() const;
  [[nodiscard]] std::uint64_t judged() const;
  [[nodiscard]] std::uint64_t dropped() const;
  [[nodiscard]] std::uint64_t dropped_requests() const;
  [[nodiscard]] std::string spared(std::optional<double> request_us) const;

  std::uint64_t span_ns_;
  std::uint64_t frames_ = 0;
  Counts verdicts_{};
  Counts to_host_{};
  std::array<std::vector<std::uint64_t>, kVerdictCount> first_;  ///< numbers of the first packets of each verdict
  std::vector<std::array<std::uint32_t, kVerdictCount>> slices_;
  std::unordered_map<net::Address, Source> sources_;
  std::uint64_t further_ = 0;  ///< frames of sources that came when there were too many to keep
};

}  // namespace reveille::sim
