// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/pkinit.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstdlib>

#include "reveille/kerberos/der.hpp"
#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/pkinit_cms.hpp"

namespace reveille::kerberos::pkinit {

namespace {

using Number = openssl::Owned<BIGNUM, BN_clear_free>;
using Arithmetic = openssl::Owned<BN_CTX, BN_CTX_free>;

constexpr std::uint8_t implicit_octets = 0x80;  ///< [0] IMPLICIT OCTET STRING
constexpr std::size_t point_size = 65;          ///< of P-256, uncompressed

/// SubjectPublicKeyInfo of a key of P-256, up to its point (RFC 5480).
constexpr std::uint8_t p256_info[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
                                      0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
/// dhpublicnumber (RFC 3279 section 2.3.3), with its tag.
constexpr std::uint8_t dh_public_number[] = {0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01};

Number prime_of(Group group) {
  return Number(group == Group::modp_4096 ? BN_get_rfc3526_prime_4096(nullptr) : BN_get_rfc3526_prime_2048(nullptr));
}

Number number(ByteView octets) { return Number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr)); }

SecretBytes octets_of(const BIGNUM& value, std::size_t size) {
  SecretBytes octets(size);
  openssl::require(BN_bn2binpad(&value, octets.data(), static_cast<int>(size)) >= 0, "BN_bn2binpad");
  return octets;
}

/// A positive INTEGER.
SecretBytes integer(const BIGNUM& value) {
  // One octet more than the number needs where its highest bit is set: it would be negative.
  return der::tag_length_value(der::integer_tag,
                               octets_of(value, static_cast<std::size_t>(BN_num_bits(&value)) / 8 + 1));
}

SecretBytes sequence(std::initializer_list<ByteView> parts) {
  SecretBytes content;
  for (const ByteView part : parts) append(content, part);
  return der::tag_length_value(der::sequence_tag, content);
}

SecretBytes bit_string(ByteView octets) {
  SecretBytes content = {0};
  append(content, octets);
  return der::tag_length_value(der::bit_string_tag, content);
}

ByteView take_bit_string(der::Reader& in, const char* what) {
  const ByteView content = in.take(der::bit_string_tag, what);
  if (content.empty() || content.front() != 0) throw Error(ErrorKind::malformed, std::string(what) + ": unused bits");
  return content.subspan(1);
}

[[noreturn]] void refuse_group() {
  throw ProtocolError(ErrorCode::dh_parameters_not_accepted, "a group of 14, 16 or P-256 wanted");
}

/// Of a client's SubjectPublicKeyInfo, and what is in its BIT STRING.
std::pair<Group, ByteView> group_of(ByteView info) {
  if (info.size() == std::size(p256_info) + point_size &&
      std::equal(std::begin(p256_info), std::end(p256_info), info.begin())) {
    return {Group::p256, info.last(point_size)};
  }
  der::Reader in(info);
  der::Reader fields = in.enter(der::sequence_tag, "SubjectPublicKeyInfo");
  const ByteView algorithm = fields.take(der::sequence_tag, "algorithm");
  const ByteView public_key = take_bit_string(fields, "subjectPublicKey");
  if (algorithm.size() < std::size(dh_public_number) ||
      !std::equal(std::begin(dh_public_number), std::end(dh_public_number), algorithm.begin())) {
    refuse_group();
  }
  der::Reader behind(algorithm.subspan(std::size(dh_public_number)));
  der::Reader domain = behind.enter(der::sequence_tag, "DomainParameters");
  const Number prime = number(domain.take(der::integer_tag, "p"));
  const Number generator = number(domain.take(der::integer_tag, "g"));
  for (const Group group : {Group::modp_2048, Group::modp_4096}) {
    if (BN_cmp(prime.get(), prime_of(group).get()) == 0 && BN_is_word(generator.get(), 2)) return {group, public_key};
  }
  refuse_group();
}

struct AuthPack {
  Time ctime = 0;
  std::uint32_t nonce = 0;
  Bytes checksum;
  std::optional<Bytes> freshness;
  Bytes public_key_info;
};

Bytes encode(const AuthPack& pack) {
  SecretBytes authenticator;
  const auto put = [](SecretBytes& out, unsigned tag, ByteView value) {
    append(out, der::tag_length_value(der::context(tag), value));
  };
  put(authenticator, 0, der::integer(microseconds_of(pack.ctime)));
  put(authenticator, 1, der::generalized_time(pack.ctime));
  put(authenticator, 2, der::integer(pack.nonce));
  put(authenticator, 3, der::octet_string(pack.checksum));
  if (pack.freshness) put(authenticator, 4, der::octet_string(*pack.freshness));
  SecretBytes content;
  put(content, 0, der::tag_length_value(der::sequence_tag, authenticator));
  put(content, 1, pack.public_key_info);
  return to_bytes(der::tag_length_value(der::sequence_tag, content));
}

/// Fields behind those that count are another's, and left alone.
AuthPack decode_auth_pack(ByteView octets) {
  AuthPack pack;
  der::Reader in(octets);
  der::Reader fields = in.enter(der::sequence_tag, "AuthPack");
  der::Reader wrapped = fields.enter(der::context(0), "pkAuthenticator");
  der::Reader authenticator = wrapped.enter(der::sequence_tag, "PKAuthenticator");
  const auto field = [&](unsigned tag, const char* what) { return authenticator.enter(der::context(tag), what); };
  const std::int64_t cusec = field(0, "cusec").integer(0, 999'999, "cusec");
  pack.ctime = field(1, "ctime").generalized_time("ctime") + cusec;
  pack.nonce = static_cast<std::uint32_t>(field(2, "nonce").integer(INT32_MIN, UINT32_MAX, "nonce"));
  if (!authenticator.next_is(der::context(3))) {
    throw ProtocolError(ErrorCode::pa_checksum_must_be_included, "no checksum over the request");
  }
  pack.checksum = field(3, "paChecksum").octet_string("paChecksum");
  if (authenticator.next_is(der::context(4)))
    pack.freshness = field(4, "freshnessToken").octet_string("freshnessToken");
  if (!fields.next_is(der::context(1))) {
    throw ProtocolError(ErrorCode::public_key_encryption_not_supported, "Diffie-Hellman wanted");
  }
  pack.public_key_info = to_bytes(fields.take(der::context(1), "clientPublicValue"));
  return pack;
}

/// The device's: the name of id-pkinit-san in this realm, or else its subject's common name.
PrincipalName name_of(const X509& certificate, const std::string& realm) {
  for (const RealmName& name : names_of(certificate)) {
    if (name.realm == realm) return name.name;
  }
  try {
    return parse_principal(common_name_of(certificate));
  } catch (const Error&) {
    throw ProtocolError(ErrorCode::client_name_mismatch, "the certificate names no principal");
  }
}

}  // namespace

std::optional<Group> to_group(std::string_view name) {
  if (name == "modp-2048") return Group::modp_2048;
  if (name == "modp-4096") return Group::modp_4096;
  if (name == "p-256") return Group::p256;
  return std::nullopt;
}

struct KeyPair::Parts {
  Group group = Group::modp_2048;
  Number prime, secret, value;  ///< of a group of RFC 3526
  PrivateKey key;               ///< of P-256
};

KeyPair::KeyPair(Group group, RandomSource& random) {
  auto parts = std::make_shared<Parts>();
  parts->group = group;
  if (group == Group::p256) {
    parts->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    openssl::require(parts->key != nullptr, "P-256");
  } else {
    // RFC 7919 section 5.2: twice the group's strength, and no less than 256 bits, are enough.
    constexpr std::size_t secret_size = 48;
    SecretBytes octets(secret_size);
    random.fill(octets);
    octets.front() |= 0x80;
    parts->prime = prime_of(group);
    parts->secret = number(octets);
    BN_set_flags(parts->secret.get(), BN_FLG_CONSTTIME);
    parts->value.reset(BN_new());
    const Number generator(BN_new());
    const Arithmetic arithmetic(BN_CTX_new());
    openssl::require(
        BN_set_word(generator.get(), 2) == 1 && BN_mod_exp(parts->value.get(), generator.get(), parts->secret.get(),
                                                           parts->prime.get(), arithmetic.get()) == 1,
        "BN_mod_exp");
  }
  parts_ = std::move(parts);
}

Bytes KeyPair::public_key() const {
  if (parts_->group != Group::p256) return to_bytes(integer(*parts_->value));
  Bytes point(point_size);
  std::size_t size = 0;
  openssl::require(EVP_PKEY_get_octet_string_param(parts_->key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                   point.size(), &size) == 1 &&
                       size == point_size,
                   "P-256");
  return point;
}

Bytes KeyPair::public_key_info() const {
  if (parts_->group == Group::p256) {
    Bytes info(std::begin(p256_info), std::end(p256_info));
    append(info, public_key());
    return info;
  }
  const Number order(BN_dup(parts_->prime.get()));
  const Number two(BN_new());
  openssl::require(BN_set_word(two.get(), 2) == 1 && BN_rshift1(order.get(), order.get()) == 1, "q");
  const SecretBytes domain = sequence({integer(*parts_->prime), integer(*two), integer(*order)});
  return to_bytes(sequence({sequence({dh_public_number, domain}), bit_string(public_key())}));
}

SecretBytes KeyPair::agree(ByteView public_key) const {
  if (parts_->group == Group::p256) {
    // OpenSSL looks whether the point is one of the curve.
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>("P-256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(public_key.data()),
                                          public_key.size()),
        OSSL_PARAM_END};
    const openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> making(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    const bool good =
        public_key.size() == point_size && EVP_PKEY_fromdata_init(making.get()) == 1 &&
        EVP_PKEY_fromdata(making.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) == 1;
    const PrivateKey peer(made);
    const openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(parts_->key.get(), nullptr));
    SecretBytes secret(32);
    std::size_t size = secret.size();
    if (!good || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
        EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) {
      ERR_clear_error();
      refuse_group();
    }
    return secret;
  }
  der::Reader in(public_key);
  const Number peer = number(in.take(der::integer_tag, "public key"));
  const Number highest(BN_dup(parts_->prime.get()));
  openssl::require(BN_sub_word(highest.get(), 1) == 1, "p - 1");
  // 1 < y < p - 1: no secret that everybody knows.
  if (BN_is_zero(peer.get()) || BN_is_one(peer.get()) || BN_cmp(peer.get(), highest.get()) >= 0) refuse_group();
  const Number secret(BN_new());
  const Arithmetic arithmetic(BN_CTX_new());
  openssl::require(
      BN_mod_exp(secret.get(), peer.get(), parts_->secret.get(), parts_->prime.get(), arithmetic.get()) == 1,
      "BN_mod_exp");
  return octets_of(*secret, static_cast<std::size_t>(BN_num_bytes(parts_->prime.get())));
}

Key reply_key(Etype etype, ByteView secret) {
  SecretBytes octets;
  for (std::uint8_t counter = 0; octets.size() < seed_size(etype); ++counter) {
    SecretBytes input = {counter};
    append(input, secret);
    append(octets, sha1(input));
  }
  octets.resize(seed_size(etype));
  return Key::from_random(etype, octets);
}

Bytes make_request(const Client& client, const KeyPair& keys, ByteView body, std::uint32_t nonce, Time now,
                   const std::optional<Bytes>& freshness) {
  const AuthPack pack{.ctime = now,
                      .nonce = nonce,
                      .checksum = to_bytes(sha1(body)),
                      .freshness = freshness,
                      .public_key_info = keys.public_key_info()};
  const Bytes cms = sign(client.identity, oid::auth_data, encode(pack));
  return to_bytes(sequence({der::tag_length_value(implicit_octets, cms)}));
}

SecretBytes open_reply(const Client& client, const KeyPair& keys, ByteView reply, const std::string& realm,
                       std::uint32_t nonce, Time now) {
  der::Reader in(reply);
  der::Reader wrapped = in.enter(der::context(0), "dhInfo");
  der::Reader fields = wrapped.enter(der::sequence_tag, "DHRepInfo");
  const Signed signed_data =
      verify(client.anchors, fields.take(implicit_octets, "dhSignedData"), oid::dh_key_data, oid::kdc, now);
  fields.finish("DHRepInfo");  // neither a nonce of its own nor a KDF was asked for
  const auto names = names_of(*signed_data.signer);
  const bool is_kdc = std::ranges::any_of(
      names, [&](const RealmName& name) { return name.realm == realm && name.name == ticket_granting_service(realm); });
  if (!is_kdc) throw ProtocolError(ErrorCode::kdc_name_mismatch, "the certificate of no KDC of this realm");
  der::Reader content(signed_data.content);
  der::Reader info = content.enter(der::sequence_tag, "KDCDHKeyInfo");
  der::Reader key = info.enter(der::context(0), "subjectPublicKey");
  const ByteView public_key = take_bit_string(key, "subjectPublicKey");
  const std::int64_t echoed = info.enter(der::context(1), "nonce").integer(INT32_MIN, UINT32_MAX, "nonce");
  if (static_cast<std::uint32_t>(echoed) != nonce) {
    throw ProtocolError(ErrorCode::modified, "KDCDHKeyInfo with another nonce");
  }
  return keys.agree(public_key);
}

OpenedRequest answer_request(const Server& server, ByteView request, ByteView body, const std::string& realm, Time now,
                             Time skew, RandomSource& random) {
  const auto content = [&] {
    try {
      der::Reader in(request);
      der::Reader fields = in.enter(der::sequence_tag, "PA-PK-AS-REQ");
      return fields.take(implicit_octets, "signedAuthPack");
    } catch (const Error& error) {
      throw ProtocolError(ErrorCode::preauth_failed, error.what());
    }
  }();
  Signed signed_data = verify(server.anchors, content, oid::auth_data, oid::client_auth, now);
  OpenedRequest opened{.name = name_of(*signed_data.signer, realm), .freshness = {}, .reply = {}, .secret = {}};
  const auto pack = [&] {
    try {
      return decode_auth_pack(signed_data.content);
    } catch (const ProtocolError&) {
      throw;
    } catch (const Error& error) {
      throw ProtocolError(ErrorCode::preauth_failed, error.what());
    }
  }();
  if (std::abs(pack.ctime - now) > skew) throw ProtocolError(ErrorCode::clock_skew, "pre-authentication time");
  if (!equal_constant_time(sha1(body), pack.checksum)) {
    throw ProtocolError(ErrorCode::modified, "checksum over KDC-REQ-BODY");
  }
  opened.freshness = pack.freshness;
  const auto [group, public_key] = group_of(pack.public_key_info);
  const KeyPair keys(group, random);
  opened.secret = keys.agree(public_key);
  const SecretBytes info = sequence({der::tag_length_value(der::context(0), bit_string(keys.public_key())),
                                     der::tag_length_value(der::context(1), der::integer(pack.nonce))});
  const Bytes cms = sign(server.identity, oid::dh_key_data, info);
  opened.reply =
      to_bytes(der::tag_length_value(der::context(0), sequence({der::tag_length_value(implicit_octets, cms)})));
  return opened;
}

}  // namespace reveille::kerberos::pkinit
