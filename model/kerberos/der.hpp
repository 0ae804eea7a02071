// SPDX-License-Identifier: Apache-2.0
#pragma once

// The part of DER (ITU-T X.690) that RFC 4120 uses: single-octet tags, definite lengths. Reading is strict: minimal
// lengths and integers, nothing behind a value; whatever else throws Error{malformed} naming the field.

#include <cstdint>
#include <string>
#include <string_view>

#include "reveille/kerberos/secret.hpp"
#include "reveille/kerberos/time.hpp"

namespace reveille::kerberos::der {

enum Tag : std::uint8_t {
  integer_tag = 0x02,
  bit_string_tag = 0x03,
  octet_string_tag = 0x04,
  generalized_time_tag = 0x18,
  general_string_tag = 0x1B,
  sequence_tag = 0x30,
};
constexpr std::uint8_t application(unsigned number) { return static_cast<std::uint8_t>(0x60 + number); }
constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(0xA0 + number); }

SecretBytes tag_length_value(std::uint8_t tag, ByteView content);
SecretBytes integer(std::int64_t value);
/// KerberosFlags: always 32 bits, untrimmed (RFC 4120 section 5.2.8).
SecretBytes flags(std::uint32_t value);
SecretBytes octet_string(ByteView value);
/// KerberosString. Throws Error{bad_input} for what is not ASCII.
SecretBytes general_string(std::string_view value);
/// KerberosTime; the microseconds are cut off.
SecretBytes generalized_time(Time value);

/// Takes values off the front of a view.
class Reader {
 public:
  explicit Reader(ByteView view) : left_(view) {}

  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
  [[nodiscard]] bool next_is(std::uint8_t tag) const noexcept { return !left_.empty() && left_[0] == tag; }
  /// The content of the next value, which must have this tag.
  ByteView take(std::uint8_t tag, std::string_view what);
  Reader enter(std::uint8_t tag, std::string_view what) { return Reader(take(tag, what)); }
  /// Throws if octets are left.
  void finish(std::string_view what) const;

  /// Within [low, high], which fit an int64_t.
  std::int64_t integer(std::int64_t low, std::int64_t high, std::string_view what);
  /// The first 32 bits. Peers that trim zeros send fewer (section 5.2.8 lets a receiver take them).
  std::uint32_t flags(std::string_view what);
  Bytes octet_string(std::string_view what);
  std::string general_string(std::string_view what);
  Time generalized_time(std::string_view what);

 private:
  ByteView left_;
};

}  // namespace reveille::kerberos::der
