// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "reveille/common/bytes.hpp"

namespace reveille {

/// The octets of a hex string; spaces between octets are skipped.
inline Bytes from_hex(std::string_view text) {
  Bytes octets;
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    digits.push_back(c);
    if (digits.size() == 2) {
      octets.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
      digits.clear();
    }
  }
  if (!digits.empty()) throw Error(ErrorKind::bad_input, "hex: an odd number of digits");
  return octets;
}

}  // namespace reveille
