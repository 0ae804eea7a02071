// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <variant>

#include "reveille/kerberos/random.hpp"
#include "reveille/keymgmt/security.hpp"

/// Packets under a security association: the Encapsulating Security Payload of RFC 4303, from the SPI to the ICV. What
/// is around it, IP or UDP (RFC 3948), is the caller's. Ciphersuites are those of docs/protocol.md, W3, DOI 1.
namespace reveille::esp {

/// Of what lies inside: UDP.
constexpr std::uint8_t next_header_udp = 17;
constexpr std::size_t icv_size = 12;  ///< HMAC-MD5-96, HMAC-SHA1-96

/// The sender's end of one direction.
class Sender {
 public:
  /// Error{protocol} for a ciphersuite that is none of DOI 1, or keys that are not of its lengths.
  Sender(std::uint32_t spi, keymgmt::Ciphersuite suite, keymgmt::DirectionKeys keys);

  /// The next packet. Error{protocol} once 2^32 - 1 packets are sent: a sequence number does not come twice.
  [[nodiscard]] Bytes seal(ByteView payload, std::uint8_t next_header, kerberos::RandomSource& random);
  [[nodiscard]] std::uint32_t spi() const { return spi_; }
  [[nodiscard]] std::uint32_t sent() const { return sequence_; }

 private:
  std::uint32_t spi_;
  keymgmt::Ciphersuite suite_;
  keymgmt::DirectionKeys keys_;
  std::uint32_t sequence_ = 0;
};

/// Which sequence numbers have come (RFC 4303 section 3.4.3): the last 64 one by one, those before them all.
class ReplayWindow {
 public:
  static constexpr std::uint32_t size = 64;
  [[nodiscard]] bool is_new(std::uint32_t sequence) const;
  /// Of a packet that is authentic.
  void mark(std::uint32_t sequence);

 private:
  std::uint32_t last_ = 0;
  std::uint64_t seen_ = 0;  ///< bit i: last_ - i
};

/// Why a packet is dropped.
enum class Refusal { malformed, other_association, replayed, not_authentic };

struct Opened {
  Bytes payload;
  std::uint8_t next_header = 0;
  std::uint32_t sequence = 0;
};

/// The receiver's end. The order is RFC 4303's: the window, the ICV, and only then the window moves and anything is
/// decrypted.
class Receiver {
 public:
  Receiver(std::uint32_t spi, keymgmt::Ciphersuite suite, keymgmt::DirectionKeys keys);

  [[nodiscard]] std::variant<Opened, Refusal> open(ByteView packet);
  [[nodiscard]] std::uint32_t spi() const { return spi_; }

 private:
  std::uint32_t spi_;
  keymgmt::Ciphersuite suite_;
  keymgmt::DirectionKeys keys_;
  ReplayWindow window_;
};

/// The SPI of a packet; nothing if it is too short for one.
std::optional<std::uint32_t> spi_of(ByteView packet);

}  // namespace reveille::esp
