// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "reveille/kerberos/time.hpp"
#include "reveille/snmp/user.hpp"

namespace reveille::snmp {

/// The value of an object, as BER has it with its tag.
using Value = kerberos::SecretBytes;
Value octet_string(const std::string& text);
Value time_ticks(kerberos::Time time);

/// An engine of SNMPv3 that answers GetRequests of one user, whose keys an association gave it. A machine without a
/// clock, as the nodes.
/// It knows nobody else, and lets nobody discover it: whoever may ask learned its engine and user with the keys. What
/// is not authentic, or less protected than the suite says, gets no answer.
class Agent {
 public:
  /// The value of the object that this identifier, as BER has it without its tag, names.
  using Lookup = std::function<std::optional<Value>(ByteView identifier)>;

  /// `engine_time` of its time at `begun`.
  Agent(User user, std::uint32_t engine_time, kerberos::Time begun)
      : user_(std::move(user)), engine_time_(engine_time), begun_(begun) {}

  [[nodiscard]] const User& user() const { return user_; }
  /// Nothing where it does not answer. A request out of its time (RFC 3414 section 3.2, 7) is answered by a Report,
  /// from which the other end learns the time.
  std::optional<Bytes> answer(ByteView message, kerberos::Time now, const Lookup& lookup);

 private:
  [[nodiscard]] Bytes protect(std::int64_t message_id, bool is_private, const kerberos::SecretBytes& scoped,
                              kerberos::Time now);
  [[nodiscard]] std::uint32_t time(kerberos::Time now) const {
    return engine_time_ + static_cast<std::uint32_t>((now - begun_) / kerberos::second);
  }

  User user_;
  std::uint32_t engine_time_;
  kerberos::Time begun_;
  std::uint32_t salt_ = 0;           ///< never the same twice
  std::uint32_t out_of_window_ = 0;  ///< usmStatsNotInTimeWindows
};

}  // namespace reveille::snmp
