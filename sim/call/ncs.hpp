// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "call/srtp_stream.hpp"
#include "reveille/net/address.hpp"

/// What a call agent tells a telephone: PacketCable's NCS, a profile of MGCP (RFC 3435), with SDP (RFC 4566).
namespace reveille::sim {

/// Where a telephone takes media, and the key of what it sends, as RFC 4568 says it: `a=crypto`.
struct Media {
  net::Address address;
  std::uint16_t port = 0;
  MediaKey key;
};

struct Command {
  enum class Kind { ring, connect, disconnect };
  Kind kind = Kind::ring;
  std::uint32_t transaction = 0;
  /// Of `connect`: the key of what it is to send (`k:` of the connection's options), and the other end.
  MediaKey key = {};
  Media other = {};
};

std::string to_text(const Command& command, const std::string& client);
/// Nothing if it is none of the three.
std::optional<Command> to_command(const std::string& text);
/// The answer to it.
std::string answer_to(const Command& command);

std::string to_base64(ByteView octets);

}  // namespace reveille::sim
