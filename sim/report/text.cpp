// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <iomanip>
#include <sstream>

namespace reveille::sim {

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string decimal(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string percent(double share) {
  std::string text = decimal(100 * share, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " %";
}

std::string in_words(std::uint64_t value) {
  return value >= 1'000'000 ? decimal(static_cast<double>(value) / 1e6, 1) + " million" : grouped(value);
}

std::string duration(double us) {
  if (us < 1e3) return decimal(us, 0) + " µs";
  return us < 1e6 ? decimal(us / 1e3, us < 1e5 ? 1 : 0) + " ms" : decimal(us / 1e6, 2) + " s";
}

}  // namespace reveille::sim
