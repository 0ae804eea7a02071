// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "reveille/common/bytes.hpp"

namespace reveille::net {

/// An IP address as the nonce store keys it: 128 bits, an IPv4 address as ::ffff:a.b.c.d (docs/protocol.md, L19).
struct Address {
  std::array<std::uint8_t, 16> octets{};

  /// `octets` are the address as a header carries it: 4 octets of IPv4 or 16 of IPv6, else Error{malformed}.
  static Address from_octets(ByteView octets);
  /// Whatever inet_pton reads in either family; Error{bad_input} naming the text otherwise.
  static Address parse(std::string_view text);

  /// Also true of an IPv4-mapped IPv6 address: nothing tells the two apart here.
  [[nodiscard]] bool is_ipv4() const noexcept;
  /// The 4 octets of an IPv4 address, or all 16.
  [[nodiscard]] ByteView header_octets() const noexcept;

  auto operator<=>(const Address&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 misreads it
};

/// As inet_ntop writes it (RFC 5952): dotted if is_ipv4().
std::string format(const Address& address);
/// The same, but an IPv4-mapped address in IPv6 form (`::ffff:192.0.2.1`).
std::string format_ipv6(const Address& address);

}  // namespace reveille::net

template <>
struct std::hash<reveille::net::Address> {
  std::size_t operator()(const reveille::net::Address& address) const noexcept;
};
