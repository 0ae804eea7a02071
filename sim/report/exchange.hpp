// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// Where a frame stands in the captures of a run.
struct FramePlace {
  std::string file;
  std::uint64_t number = 0;  ///< as tshark counts, from 1
};

/// One arrow of the sequence diagram: a message with the frame that carried it, or the frames of attackers between two
/// messages.
struct ExchangeStep {
  enum class Party { kdc, cta, attacker, core, host };
  double time_us = 0;
  Party from = Party::cta;
  Party to = Party::core;
  std::string label;   ///< "Wake Up", "AP Request", "AS-REQ" …
  std::string detail;  ///< what a reader wants to see of it: "server nonce 0x1badcafe", "verdict accepted"
  bool dropped = false;
  Bytes frame = {};  ///< empty where it is not to be shown
  /// The frame's place among those that the recorder handed on, and then in the captures.
  std::optional<std::uint64_t> recorded = {};
  std::optional<FramePlace> place = {};
};

/// What one client and the others sent each other from its first Wake Up on.
struct Exchange {
  std::string client;   ///< its name in the captures
  std::string address;  ///< of it
  std::string outcome;  ///< "established", or why not
  std::string before;   ///< what came and went before that Wake Up, in words
  std::vector<ExchangeStep> steps;
};

}  // namespace reveille::sim
