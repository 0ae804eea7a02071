// SPDX-License-Identifier: Apache-2.0
#pragma once

// OpenSSL's algorithms, each fetched once and kept for the life of the program; internal to model/kerberos.

#include <openssl/core.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <string>

#include "reveille/kerberos/secret.hpp"

namespace reveille::kerberos::openssl {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

/// Throws Error{crypto} with OpenSSL's reason.
[[noreturn]] void fail(const std::string& what);
inline void require(bool good, const char* what) {
  if (!good) fail(what);
}

EVP_CIPHER* cipher(const char* name);

/// One-shot HMAC with digest `digest_name`, whole length.
Bytes hmac(const char* digest_name, ByteView key, ByteView data);
/// Runs the named KDF with these parameters.
SecretBytes kdf(const char* name, const OSSL_PARAM* parameters, std::size_t length);

}  // namespace reveille::kerberos::openssl
