// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/common/bytes.hpp"

namespace reveille::core {

/// The big-endian field at `at`, which lies inside.
inline unsigned octets16(ByteView octets, std::size_t at) {
  return static_cast<unsigned>(octets[at] << 8 | octets[at + 1]);
}

inline std::uint64_t octets_of(ByteView octets, std::size_t at, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value = value << 8 | octets[at + i];
  return value;
}

}  // namespace reveille::core
