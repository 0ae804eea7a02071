// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/etype.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>

#include "reveille/kerberos/des3.hpp"
#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/openssl.hpp"

namespace reveille::kerberos {
namespace {

constexpr std::array<EtypeProfile, 5> profiles = {{
    {.etype = Etype::des3_sha1,
     .name = "des3-cbc-sha1",
     .checksum = 12,
     .block_size = des3::block_size,
     .seed_size = des3::seed_size,
     .key_size = 24,
     .hmac_key_size = 24,
     .hmac_size = 20,
     .prf_size = 16,
     .family = Family::des3,
     .digest = "SHA1",
     .cbc = "DES-EDE3-CBC",
     .cipher = "DES-EDE3-CBC",
     .iterations = 0},
    {.etype = Etype::aes128_sha1,
     .name = "aes128-cts-hmac-sha1-96",
     .checksum = 15,
     .block_size = block_size,
     .seed_size = 16,
     .key_size = 16,
     .hmac_key_size = 16,
     .hmac_size = 12,
     .prf_size = 16,
     .family = Family::aes_sha1,
     .digest = "SHA1",
     .cbc = "AES-128-CBC",
     .cipher = "AES-128-CBC-CTS",
     .iterations = 4096},
    {.etype = Etype::aes256_sha1,
     .name = "aes256-cts-hmac-sha1-96",
     .checksum = 16,
     .block_size = block_size,
     .seed_size = 32,
     .key_size = 32,
     .hmac_key_size = 32,
     .hmac_size = 12,
     .prf_size = 16,
     .family = Family::aes_sha1,
     .digest = "SHA1",
     .cbc = "AES-256-CBC",
     .cipher = "AES-256-CBC-CTS",
     .iterations = 4096},
    {.etype = Etype::aes128_sha256,
     .name = "aes128-cts-hmac-sha256-128",
     .checksum = 19,
     .block_size = block_size,
     .seed_size = 16,
     .key_size = 16,
     .hmac_key_size = 16,
     .hmac_size = 16,
     .prf_size = 32,
     .family = Family::aes_sha2,
     .digest = "SHA256",
     .cbc = "AES-128-CBC",
     .cipher = "AES-128-CBC-CTS",
     .iterations = 32768},
    {.etype = Etype::aes256_sha384,
     .name = "aes256-cts-hmac-sha384-192",
     .checksum = 20,
     .block_size = block_size,
     .seed_size = 32,
     .key_size = 32,
     .hmac_key_size = 24,
     .hmac_size = 24,
     .prf_size = 48,
     .family = Family::aes_sha2,
     .digest = "SHA384",
     .cbc = "AES-256-CBC",
     .cipher = "AES-256-CBC-CTS",
     .iterations = 32768},
}};

OSSL_PARAM octets_parameter(const char* name, ByteView octets) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(octets.data()), octets.size());
}
OSSL_PARAM text_parameter(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

/// KDF-HMAC-SHA2 (RFC 8009 section 3): counter mode. Its label OpenSSL calls salt, its context info.
SecretBytes kdf_hmac_sha2(const EtypeProfile& profile, ByteView key, ByteView label, ByteView context,
                          std::size_t length) {
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_KDF_PARAM_MODE, "COUNTER"),
                                   text_parameter(OSSL_KDF_PARAM_MAC, "HMAC"),
                                   text_parameter(OSSL_KDF_PARAM_DIGEST, profile.digest),
                                   octets_parameter(OSSL_KDF_PARAM_KEY, key),
                                   octets_parameter(OSSL_KDF_PARAM_SALT, label),
                                   octets_parameter(OSSL_KDF_PARAM_INFO, context),
                                   OSSL_PARAM_END};
  return openssl::kdf("KBKDF", parameters, length);
}

}  // namespace

const EtypeProfile& profile_of(Etype etype) {
  for (const EtypeProfile& profile : profiles) {
    if (profile.etype == etype) return profile;
  }
  throw Error(ErrorKind::internal, "no etype " + std::to_string(static_cast<int>(etype)));
}

const std::vector<Etype>& all_etypes() {
  static const std::vector<Etype> all = {Etype::aes256_sha384, Etype::aes256_sha1, Etype::aes128_sha256,
                                         Etype::aes128_sha1};
  return all;
}

std::optional<Etype> to_etype(std::int32_t number) {
  if (number < 16 || number > 20) return {};
  return static_cast<Etype>(number);
}

std::string to_string(Etype etype) { return profile_of(etype).name; }
std::size_t key_size(Etype etype) { return profile_of(etype).key_size; }
std::size_t seed_size(Etype etype) { return profile_of(etype).seed_size; }
std::size_t token_overhead(Etype etype) { return profile_of(etype).block_size + profile_of(etype).hmac_size; }
std::int32_t checksum_type(Etype etype) { return profile_of(etype).checksum; }

SecretBytes derive(const EtypeProfile& profile, ByteView key, ByteView constant, std::size_t length) {
  if (profile.family == Family::aes_sha2) return kdf_hmac_sha2(profile, key, constant, {}, length);
  // DK (RFC 3961 section 5.1), n-fold included.
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_KDF_PARAM_CIPHER, profile.cbc),
                                   octets_parameter(OSSL_KDF_PARAM_KEY, key),
                                   octets_parameter(OSSL_KDF_PARAM_CONSTANT, constant), OSSL_PARAM_END};
  return openssl::kdf("KRB5KDF", parameters, length);
}

SecretBytes prf(const EtypeProfile& profile, ByteView key, ByteView input) {
  static constexpr std::array<std::uint8_t, 3> constant = {'p', 'r', 'f'};
  if (profile.family == Family::aes_sha2) return kdf_hmac_sha2(profile, key, constant, input, profile.prf_size);
  SecretBytes hashed = sha1(input);
  hashed.resize(profile.prf_size);  // whole blocks
  return encipher(profile, derive(profile, key, constant, profile.key_size), hashed, Direction::encrypt);
}

SecretBytes pbkdf2(const EtypeProfile& profile, ByteView password, ByteView salt, std::uint32_t iterations) {
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_KDF_PARAM_DIGEST, profile.digest),
                                   octets_parameter(OSSL_KDF_PARAM_PASSWORD, password),
                                   octets_parameter(OSSL_KDF_PARAM_SALT, salt),
                                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &iterations), OSSL_PARAM_END};
  return openssl::kdf("PBKDF2", parameters, profile.key_size);
}

SecretBytes encipher(const EtypeProfile& profile, ByteView key, ByteView data, Direction direction) {
  if (data.size() < profile.block_size) throw Error(ErrorKind::crypto, "CBC needs a whole block");
  // OpenSSL's default is CS1, which swaps the last two blocks only when it must, and PKCS#7's padding for DES3.
  unsigned no_padding = 0;
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_CIPHER_PARAM_CTS_MODE, "CS3"),
                                   OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &no_padding), OSSL_PARAM_END};
  static constexpr std::array<std::uint8_t, block_size> zero_iv = {};
  const openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  SecretBytes out(data.size());
  int written = 0;
  openssl::require(
      context &&
          EVP_CipherInit_ex2(context.get(), openssl::cipher(profile.cipher), key.data(), zero_iv.data(),
                             direction == Direction::encrypt ? 1 : 0, parameters) == 1 &&
          EVP_CipherUpdate(context.get(), out.data(), &written, data.data(), static_cast<int>(data.size())) == 1 &&
          static_cast<std::size_t>(written) == data.size(),
      profile.cipher);
  return out;
}

}  // namespace reveille::kerberos
