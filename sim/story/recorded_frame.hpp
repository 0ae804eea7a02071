// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// A frame kept for the capture.
struct RecordedFrame {
  enum class Side { network, host, kdc, media };
  std::uint64_t time_ns = 0;
  Side side = Side::network;
  bool outgoing = false;     ///< from the core's point of view
  bool well_formed = false;  ///< a key-management message that decodes, or no key management at all
  bool hostile = false;      ///< an attacker sent it
  std::string comment = {};
  Bytes octets = {};
};

}  // namespace reveille::sim
