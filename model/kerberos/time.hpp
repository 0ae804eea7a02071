// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reveille::kerberos {

/// Microseconds since the Unix epoch, UTC. A KerberosTime with its microseconds (ctime and cusec) is one Time.
using Time = std::int64_t;

constexpr Time second = 1'000'000;
constexpr Time minute = 60 * second;
constexpr Time hour = 60 * minute;

/// The clock skew that RFC 4120 section 3.2.3 suggests.
constexpr Time default_skew = 5 * minute;

/// The part below the second, 0..999999 (cusec, susec, pausec).
constexpr std::int32_t microseconds_of(Time time) {
  return static_cast<std::int32_t>(((time % second) + second) % second);
}

/// `YYYYMMDDhhmmssZ` of RFC 4120 section 5.2.3, rounded down to the second. Throws Error{internal} outside years
/// 0..9999.
std::string to_kerberos_time(Time time);

/// Reads exactly that form. Throws Error{malformed} for fractions, offsets and dates that do not exist.
Time from_kerberos_time(std::string_view text);

}  // namespace reveille::kerberos
