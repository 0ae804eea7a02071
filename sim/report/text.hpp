// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

/// Numbers and text as the reports write them.
namespace reveille::sim {

/// 12345678 as 12,345,678.
std::string grouped(std::uint64_t value);
/// With so many digits behind the point.
std::string decimal(double value, int digits);
/// 0.125 as 12.5 %.
std::string percent(double share);
/// 1234567 as 1.2 million.
std::string in_words(std::uint64_t value);
/// Microseconds as 84 ms.
std::string duration(double us);

}  // namespace reveille::sim
