// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// A field of a frame, for people to read.
struct Field {
  std::size_t offset = 0;
  std::size_t octets = 0;
  std::string name;
  std::string value;
};

/// What a frame's octets say, from the first to the last, as far as they are Ethernet, VLAN, IPv4 or IPv6, UDP and key
/// management. Nothing is judged, and no octets make it throw: where a field would run over the end, the rest is
/// shown as it is.
std::vector<Field> dissect(ByteView frame);

}  // namespace reveille::sim
