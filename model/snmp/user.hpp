// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "reveille/keymgmt/messages.hpp"
#include "reveille/keymgmt/security.hpp"

/// What an association of DOI 2 is for: SNMPv3 (RFC 3412) under the user-based security model (RFC 3414).
namespace reveille::snmp {

/// The key as it is used at one engine (RFC 3414 section 2.6), by the hash of the suite's authentication.
kerberos::SecretBytes localize(keymgmt::Ciphersuite suite, ByteView key, ByteView engine_id);

/// A user at the engine that is authoritative, and its keys there.
struct User {
  Bytes engine_id;
  std::uint32_t boots = 0;
  std::string name;
  keymgmt::Ciphersuite suite;
  kerberos::SecretBytes authentication;
  kerberos::SecretBytes privacy;  ///< of DES 8 octets of key, 8 of pre-IV; empty with NULL

  User(const keymgmt::SnmpData& engine, keymgmt::Ciphersuite suite, const keymgmt::DirectionKeys& keys);

  [[nodiscard]] bool has_privacy() const { return suite.transform == keymgmt::transform::snmp_des; }
  /// HMAC-MD5-96 or HMAC-SHA-96 (sections 6 and 7).
  [[nodiscard]] Bytes mac(ByteView message) const;
  /// CBC-DES (section 8), of whole blocks, with this salt.
  [[nodiscard]] Bytes encrypt(ByteView plain, ByteView salt) const;
  [[nodiscard]] Bytes decrypt(ByteView cipher, ByteView salt) const;
};

constexpr std::size_t mac_size = 12;
constexpr std::size_t salt_size = 8;

}  // namespace reveille::snmp
