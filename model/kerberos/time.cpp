// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/time.hpp"

#include <chrono>

#include "reveille/common/error.hpp"

namespace reveille::kerberos {
namespace {

constexpr std::size_t text_size = 15;  // YYYYMMDDhhmmssZ

unsigned digits(std::string_view text, std::size_t begin, std::size_t count) {
  unsigned value = 0;
  for (const char digit : text.substr(begin, count)) {
    if (digit < '0' || digit > '9') throw Error(ErrorKind::malformed, "KerberosTime: another octet than a digit");
    value = value * 10 + static_cast<unsigned>(digit - '0');
  }
  return value;
}

}  // namespace

std::string to_kerberos_time(Time time) {
  using namespace std::chrono;
  const sys_seconds seconds_since{floor<seconds>(microseconds(time))};
  const sys_days day = floor<days>(seconds_since);
  const year_month_day date(day);
  const hh_mm_ss clock(seconds_since - day);
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) throw Error(ErrorKind::internal, "KerberosTime: year " + std::to_string(year));
  std::string text;
  text.reserve(text_size);
  const auto append = [&text](unsigned value, unsigned place) {
    for (; place > 0; place /= 10) text += static_cast<char>('0' + value / place % 10);
  };
  append(static_cast<unsigned>(year), 1000);
  append(static_cast<unsigned>(date.month()), 10);
  append(static_cast<unsigned>(date.day()), 10);
  append(static_cast<unsigned>(clock.hours().count()), 10);
  append(static_cast<unsigned>(clock.minutes().count()), 10);
  append(static_cast<unsigned>(clock.seconds().count()), 10);
  text += 'Z';
  return text;
}

Time from_kerberos_time(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != text_size || text.back() != 'Z') {
    throw Error(ErrorKind::malformed, "KerberosTime: not of the form YYYYMMDDhhmmssZ");
  }
  const year_month_day date(year(static_cast<int>(digits(text, 0, 4))), month(digits(text, 4, 2)),
                            day(digits(text, 6, 2)));
  const unsigned in_hours = digits(text, 8, 2), in_minutes = digits(text, 10, 2), in_seconds = digits(text, 12, 2);
  if (!date.ok() || in_hours > 23 || in_minutes > 59 || in_seconds > 59) {
    throw Error(ErrorKind::malformed, "KerberosTime: no such time " + std::string(text));
  }
  const sys_seconds when = sys_days(date) + hours(in_hours) + minutes(in_minutes) + seconds(in_seconds);
  return duration_cast<microseconds>(when.time_since_epoch()).count();
}

}  // namespace reveille::kerberos
