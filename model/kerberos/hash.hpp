// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/kerberos/secret.hpp"

namespace reveille::kerberos {

/// SHA-1 (FIPS 180-4), 20 octets.
SecretBytes sha1(ByteView data);

/// HMAC-SHA1 (RFC 2104), 20 octets; any key length.
Bytes hmac_sha1(ByteView key, ByteView data);

/// `length` octets of P_SHA1(secret, seed), the iterated HMAC of RFC 2246 section 5. Throws Error{crypto} for an empty
/// secret.
SecretBytes p_sha1(ByteView secret, ByteView seed, std::size_t length);

/// Compares without telling by its time where two equally long views differ.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace reveille::kerberos
