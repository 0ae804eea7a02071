// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include "reveille/kerberos/openssl.hpp"
#include "reveille/kerberos/operation_counter.hpp"

namespace reveille::kerberos {

SecretBytes sha1(ByteView data) {
  ++current_operations().hmacs;
  SecretBytes out(SHA_DIGEST_LENGTH);
  SHA1(data.data(), data.size(), out.data());
  return out;
}

Bytes hmac_sha1(ByteView key, ByteView data) {
  ++current_operations().hmacs;
  return openssl::hmac("SHA1", key, data);
}

SecretBytes p_sha1(ByteView secret, ByteView seed, std::size_t length) {
  if (length == 0) return {};
  ++current_operations().derivations;
  // OpenSSL's TLS1-PRF is P_MD5 xor P_SHA1 only for MD5-SHA1; for any other digest it is P_digest alone.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>("SHA1"), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, const_cast<std::uint8_t*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, const_cast<std::uint8_t*>(seed.data()), seed.size()),
      OSSL_PARAM_END};
  return openssl::kdf("TLS1-PRF", parameters, length);
}

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace reveille::kerberos
