// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace reveille::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Address Address::from_octets(ByteView octets) {
  Address address;
  if (octets.size() == 4) {
    const auto behind = std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.octets.begin());
    std::copy(octets.begin(), octets.end(), behind);
  } else if (octets.size() == 16) {
    std::copy(octets.begin(), octets.end(), address.octets.begin());
  } else {
    throw Error(ErrorKind::malformed, "IP address: 4 or 16 octets expected, got " + std::to_string(octets.size()));
  }
  return address;
}

Address Address::parse(std::string_view text) {
  const std::string terminated(text);  // inet_pton would stop at a NUL inside and accept what stands before it
  std::array<std::uint8_t, 16> octets{};
  if (terminated.find('\0') == std::string::npos) {
    if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) return from_octets(ByteView(octets).first(4));
    if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) return from_octets(octets);
  }
  throw Error(ErrorKind::bad_input, "\"" + terminated + "\" is not an IPv4 or IPv6 address");
}

bool Address::is_ipv4() const noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin());
}

ByteView Address::header_octets() const noexcept {
  const ByteView all(octets);
  return is_ipv4() ? all.last(4) : all;
}

std::string format(const Address& address) {
  if (!address.is_ipv4()) return format_ipv6(address);
  std::array<char, INET_ADDRSTRLEN> text{};
  char* at = text.data();
  for (const std::uint8_t octet : address.header_octets()) {
    if (at != text.data()) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), octet).ptr;
  }
  return {text.data(), at};
}

std::string format_ipv6(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(AF_INET6, address.octets.data(), text.data(), text.size());
}

}  // namespace reveille::net

std::size_t std::hash<reveille::net::Address>::operator()(const reveille::net::Address& address) const noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const std::uint8_t octet : address.octets) hash = (hash ^ octet) * 0x100000001b3;
  return static_cast<std::size_t>(hash);
}
