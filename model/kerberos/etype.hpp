// SPDX-License-Identifier: Apache-2.0
#pragma once

// What differs between the encryption types, and the primitives they are made of; internal to model/kerberos.

#include "reveille/kerberos/key.hpp"

namespace reveille::kerberos {

constexpr std::size_t block_size = 16;

struct EtypeProfile {
  Etype etype;
  const char* name;
  std::int32_t checksum;
  std::size_t key_size;       ///< also Ke's
  std::size_t hmac_key_size;  ///< Kc, Ki
  std::size_t hmac_size;      ///< octets kept of the HMAC
  bool sha2;                  ///< RFC 8009: HMAC over the ciphertext, KDF-HMAC-SHA2
  const char* digest;
  const char* cbc;
  const char* cts;
  std::uint32_t iterations;  ///< PBKDF2's default count
};

const EtypeProfile& profile_of(Etype etype);

/// DK of RFC 3961 or KDF-HMAC-SHA2 of RFC 8009.
SecretBytes derive(const EtypeProfile& profile, ByteView key, ByteView constant, std::size_t length);
SecretBytes pbkdf2(const EtypeProfile& profile, ByteView password, ByteView salt, std::uint32_t iterations);

enum class Direction : std::uint8_t { encrypt, decrypt };
/// AES-CBC with ciphertext stealing as in RFC 3962 section 5, IV 0; at least one block.
SecretBytes cts(const EtypeProfile& profile, ByteView key, ByteView data, Direction direction);

}  // namespace reveille::kerberos
