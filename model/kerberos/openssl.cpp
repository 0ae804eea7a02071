// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <map>
#include <mutex>

namespace reveille::kerberos::openssl {
namespace {

/// A fetch walks the providers and takes locks: far dearer than the operation on a Kerberos message.
template <auto Fetch, auto Free>
auto* fetched(const char* name) {
  using Algorithm = std::remove_pointer_t<decltype(Fetch(nullptr, name, nullptr))>;
  static std::map<std::string, Owned<Algorithm, Free>, std::less<>> known;
  static std::mutex guard;
  const std::lock_guard lock(guard);
  const auto found = known.find(name);
  if (found != known.end()) return found->second.get();
  Owned<Algorithm, Free> algorithm(Fetch(nullptr, name, nullptr));
  require(algorithm != nullptr, name);
  return known.emplace(name, std::move(algorithm)).first->second.get();
}

}  // namespace

void fail(const std::string& what) {
  char reason[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  throw Error(ErrorKind::crypto, "OpenSSL, " + what + ": " + reason);
}

EVP_CIPHER* cipher(const char* name) { return fetched<EVP_CIPHER_fetch, EVP_CIPHER_free>(name); }

Bytes hmac(const char* digest_name, ByteView key, ByteView data) {
  const Owned<EVP_MAC_CTX, EVP_MAC_CTX_free> context(EVP_MAC_CTX_new(fetched<EVP_MAC_fetch, EVP_MAC_free>("HMAC")));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest_name), 0), OSSL_PARAM_END};
  // A null key would mean "keep the old one"; an empty HMAC key is legal.
  static constexpr std::uint8_t none = 0;
  require(context && EVP_MAC_init(context.get(), key.empty() ? &none : key.data(), key.size(), parameters) == 1 &&
              EVP_MAC_update(context.get(), data.data(), data.size()) == 1,
          "HMAC");
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  require(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1, "HMAC");
  out.resize(size);
  return out;
}

SecretBytes kdf(const char* name, const OSSL_PARAM* parameters, std::size_t length) {
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(fetched<EVP_KDF_fetch, EVP_KDF_free>(name)));
  SecretBytes out(length);
  require(context && EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1, name);
  return out;
}

}  // namespace reveille::kerberos::openssl
