// SPDX-License-Identifier: Apache-2.0
#pragma once

// What etype 16, des3-cbc-sha1-kd, has of its own (RFC 3961 sections 5.1 and 6.3); internal to model/kerberos.

#include "reveille/kerberos/secret.hpp"

namespace reveille::kerberos::des3 {

constexpr std::size_t block_size = 8;
constexpr std::size_t seed_size = 21;

/// n-fold (section 5.1): `size` octets that each octet of `text` has its part in.
SecretBytes n_fold(ByteView text, std::size_t size);

/// random-to-key (section 6.3.1): three times 56 bits with their parity, none of the three a weak key.
SecretBytes random_to_key(ByteView seed);

/// Without the up to seven octets of padding, of which nothing says how many they are but the plaintext: all that
/// Kerberos seals is DER, which says where it ends. What is none stays as it is.
void cut_padding(SecretBytes& plain);

}  // namespace reveille::kerberos::des3
