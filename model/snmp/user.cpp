// SPDX-License-Identifier: Apache-2.0
#include "reveille/snmp/user.hpp"

#include "reveille/kerberos/openssl.hpp"

namespace reveille::snmp {

namespace {

namespace openssl = kerberos::openssl;

constexpr std::size_t des_block = 8;

const char* hash_of(keymgmt::Ciphersuite suite) {
  switch (suite.authentication) {
    case keymgmt::authentication::snmp_hmac_md5: return "MD5";
    case keymgmt::authentication::snmp_hmac_sha1: return "SHA1";
    default: throw Error(ErrorKind::protocol, "SNMPv3: no authentication " + std::to_string(suite.authentication));
  }
}

/// DES is three of it with one key, which OpenSSL still has.
Bytes run_des(const kerberos::SecretBytes& privacy, ByteView in, ByteView salt, bool encrypts) {
  if (in.size() % des_block != 0 || salt.size() != salt_size) {
    throw Error(ErrorKind::malformed, "CBC-DES: whole blocks and a salt of 8 octets expected");
  }
  kerberos::SecretBytes key;
  for (int i = 0; i < 3; ++i) append(key, ByteView(privacy).first(des_block));
  Bytes iv(privacy.begin() + des_block, privacy.begin() + 2 * des_block);
  for (std::size_t i = 0; i < des_block; ++i) iv[i] ^= salt[i];
  const openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  Bytes out(in.size());
  int length = 0;
  const bool good = EVP_CipherInit_ex2(context.get(), openssl::cipher("DES-EDE3-CBC"), key.data(), iv.data(),
                                       encrypts ? 1 : 0, nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_CipherUpdate(context.get(), out.data(), &length, in.data(), static_cast<int>(in.size())) == 1 &&
                    length == static_cast<int>(in.size());
  openssl::require(good, "DES-EDE3-CBC");
  return out;
}

}  // namespace

kerberos::SecretBytes localize(keymgmt::Ciphersuite suite, ByteView key, ByteView engine_id) {
  kerberos::SecretBytes input(key.begin(), key.end());
  append(input, engine_id);
  append(input, key);
  kerberos::SecretBytes digest(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  openssl::require(
      EVP_Q_digest(nullptr, hash_of(suite), nullptr, input.data(), input.size(), digest.data(), &size) == 1,
      hash_of(suite));
  digest.resize(size);
  return digest;
}

User::User(const keymgmt::SnmpData& engine, keymgmt::Ciphersuite chosen, const keymgmt::DirectionKeys& keys)
    : engine_id(engine.engine_id),
      boots(engine.engine_boots),
      name(engine.user_name),
      suite(chosen),
      authentication(localize(chosen, keys.authentication, engine.engine_id)) {
  if (!has_privacy()) return;
  privacy = localize(chosen, keys.transform, engine.engine_id);
  privacy.resize(2 * des_block);
}

Bytes User::mac(ByteView message) const {
  Bytes whole = openssl::hmac(hash_of(suite), authentication, message);
  whole.resize(mac_size);
  return whole;
}

Bytes User::encrypt(ByteView plain, ByteView salt) const { return run_des(privacy, plain, salt, true); }
Bytes User::decrypt(ByteView cipher, ByteView salt) const { return run_des(privacy, cipher, salt, false); }

}  // namespace reveille::snmp
