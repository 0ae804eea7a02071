// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/net/frame.hpp"
#include "reveille/policy/guard.hpp"

/// What the tests of the guard share: a server, a client, and frames that are right until a test breaks them.
namespace reveille::policy::test {

inline const net::Address server4 = net::Address::parse("192.0.2.1");
inline const net::Address server6 = net::Address::parse("2001:db8::1");
inline const net::Address client4 = net::Address::parse("198.51.100.7");
inline const net::Address client6 = net::Address::parse("2001:db8::7");
constexpr std::uint32_t nonce = 0x1badcafe;
constexpr std::uint64_t tag = 0x0123456789abcdef;

inline ServerConfig both_families() {
  ServerConfig config;
  config.ipv4 = {server4};
  config.ipv6 = {server6};
  return config;
}

inline ServerConfig listed(ServerConfig config = both_families()) {
  config.destination = ServerConfig::Destination::listed;
  return config;
}
inline ServerConfig dropping_later(ServerConfig config = both_families()) {
  config.later_fragments = ServerConfig::LaterFragments::drop;
  return config;
}

/// The message from KMMID to the returned nonce, then `behind` octets that nobody looks at.
inline Bytes ap_request(std::uint32_t returned_nonce, std::size_t der_content = 300, std::size_t behind = 30) {
  Bytes message = {2, 1, 0x10, 0x6e};
  if (der_content >= 0x100) {
    message.push_back(0x82);
    append_big_endian(message, der_content, 2);
  } else if (der_content >= 0x80) {
    message.push_back(0x81);
    message.push_back(static_cast<std::uint8_t>(der_content));
  } else {
    message.push_back(static_cast<std::uint8_t>(der_content));
  }
  for (std::size_t i = 0; i < der_content; ++i) message.push_back(static_cast<std::uint8_t>(i * 7 + 3));
  append_big_endian(message, returned_nonce, 4);
  message.resize(message.size() + behind, 0x5a);
  return message;
}

inline Bytes sa_recovered(std::uint64_t first_64_bits) {
  Bytes message = {4, 1, 0x10};
  append_big_endian(message, first_64_bits, 8);
  message.resize(23, 0xa5);
  return message;
}

inline net::UdpFrame to_server4(Bytes payload) {
  net::UdpFrame frame;
  frame.source = client4;
  frame.destination = server4;
  frame.source_port = 4242;
  frame.payload = std::move(payload);
  return frame;
}

inline net::UdpFrame to_server6(Bytes payload) {
  net::UdpFrame frame = to_server4(std::move(payload));
  frame.source = client6;
  frame.destination = server6;
  return frame;
}

/// The verdict of a frame at a guard that holds no session: `not_woken` is as good as it gets.
inline Verdict alone(ByteView frame, const ServerConfig& config = both_families()) {
  return UntimedGuard(config).judge(frame, 0);
}
inline Verdict alone(const net::UdpFrame& frame, const ServerConfig& config = both_families()) {
  return alone(net::build(frame), config);
}

inline Bytes cut(const net::UdpFrame& frame, std::size_t octets) {
  Bytes whole = net::build(frame);
  whole.resize(octets);
  return whole;
}

}  // namespace reveille::policy::test

namespace reveille {
/// Catch2 prints verdicts by name.
inline std::ostream& operator<<(std::ostream& out, Verdict verdict) { return out << name(verdict); }
}  // namespace reveille
