// SPDX-License-Identifier: Apache-2.0
#pragma once

// What differs between the encryption types, and the primitives they are made of; internal to model/kerberos.

#include "reveille/kerberos/key.hpp"

namespace reveille::kerberos {

constexpr std::size_t block_size = 16;  ///< of AES

/// Which of the three makes of RFC 3961's encryption an etype is.
enum class Family : std::uint8_t {
  des3,      ///< RFC 3961 section 6.3: whole blocks, padded
  aes_sha1,  ///< RFC 3962: ciphertext stealing
  aes_sha2,  ///< RFC 8009: HMAC over the ciphertext, KDF-HMAC-SHA2
};

struct EtypeProfile {
  Etype etype;
  const char* name;
  std::int32_t checksum;
  std::size_t block_size;     ///< also the confounder's
  std::size_t seed_size;      ///< what random-to-key takes
  std::size_t key_size;       ///< also Ke's
  std::size_t hmac_key_size;  ///< Kc, Ki
  std::size_t hmac_size;      ///< octets kept of the HMAC
  std::size_t prf_size;       ///< octets of the pseudo-random function
  Family family;
  const char* digest;
  const char* cbc;
  const char* cipher;
  std::uint32_t iterations;  ///< PBKDF2's default count; 0: no PBKDF2
};

const EtypeProfile& profile_of(Etype etype);

/// DK of RFC 3961 or KDF-HMAC-SHA2 of RFC 8009.
SecretBytes derive(const EtypeProfile& profile, ByteView key, ByteView constant, std::size_t length);
/// The pseudo-random function of RFC 3961 section 5.3 and RFC 8009 section 5.
SecretBytes prf(const EtypeProfile& profile, ByteView key, ByteView input);
SecretBytes pbkdf2(const EtypeProfile& profile, ByteView password, ByteView salt, std::uint32_t iterations);

enum class Direction : std::uint8_t { encrypt, decrypt };
/// CBC with IV 0: of AES with ciphertext stealing as in RFC 3962 section 5, at least one block; of DES3 whole blocks.
SecretBytes encipher(const EtypeProfile& profile, ByteView key, ByteView data, Direction direction);

}  // namespace reveille::kerberos
