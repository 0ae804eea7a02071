// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/pkinit_cms.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstring>

#include "reveille/kerberos/codec.hpp"
#include "reveille/kerberos/private_file.hpp"

namespace reveille::kerberos {

template <>
struct Schema<pkinit::RealmName> {
  static void fields(auto& io, auto& v) {
    io(0, v.realm, "realm");
    io(1, v.name, "principalName");
  }
};

}  // namespace reveille::kerberos

namespace reveille::kerberos::pkinit {

namespace {

using Bio = openssl::Owned<BIO, BIO_free_all>;
using ContentInfo = openssl::Owned<CMS_ContentInfo, CMS_ContentInfo_free>;
using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;

// OpenSSL's are macros.
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
void free_with_certificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using Chain = openssl::Owned<STACK_OF(X509), free_stack>;

Object object(const char* text) { return Object(OBJ_txt2obj(text, 1)); }

Bio memory(ByteView octets) { return Bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size()))); }

[[noreturn]] void bad_file(const std::filesystem::path& path, const char* what) {
  ERR_clear_error();
  throw Error(ErrorKind::bad_input, path.string() + ": " + what);
}

Bio open(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {  // a pipe would wait
    bad_file(path, "cannot be read: a regular file expected");
  }
  Bio file(BIO_new_file(path.c_str(), "rb"));
  if (!file) bad_file(path, "cannot be read");
  return file;
}

std::vector<Certificate> read_certificates(const std::filesystem::path& path) {
  const Bio file = open(path);
  std::vector<Certificate> certificates;
  while (X509* one = PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)) certificates.emplace_back(one);
  if (certificates.empty()) bad_file(path, "no certificate in PEM");
  ERR_clear_error();
  return certificates;
}

ErrorCode code_of(int reason) {
  switch (reason) {
    case X509_V_ERR_CERT_REVOKED: return ErrorCode::revoked_certificate;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID: return ErrorCode::revocation_status_unknown;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return ErrorCode::cannot_verify_certificate;
    default: return ErrorCode::invalid_certificate;
  }
}

void require_chain(const Anchors::Parts& anchors, X509* signer, STACK_OF(X509) * others, Time now) {
  const openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  openssl::require(context && X509_STORE_CTX_init(context.get(), anchors.store.get(), signer, others) == 1, "chain");
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, now / second);
  X509_VERIFY_PARAM_set_depth(parameters, 8);
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);  // 112 bits: RSA of 2048, SHA-224
  if (anchors.has_revoked) X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  if (X509_verify_cert(context.get()) == 1) return;
  const int reason = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  throw ProtocolError(code_of(reason), X509_verify_cert_error_string(reason));
}

void require_purpose(X509* signer, const char* purpose) {
  const openssl::Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(signer, NID_ext_key_usage, nullptr, nullptr)));
  const Object wanted = object(purpose);
  bool has = false;
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    has = has || OBJ_cmp(sk_ASN1_OBJECT_value(usages.get(), i), wanted.get()) == 0;
  }
  const bool signs = (X509_get_key_usage(signer) & KU_DIGITAL_SIGNATURE) != 0;  // all, where there is no key usage
  if (!has || !signs) throw ProtocolError(ErrorCode::inconsistent_key_purpose, "the certificate is not for this");
}

}  // namespace

Identity::Identity(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  auto parts = std::make_shared<Parts>();
  parts->chain = read_certificates(certificate);
  const SecretBytes text = read_private_file(key);
  parts->key.reset(PEM_read_bio_PrivateKey(
      memory(text).get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  if (!parts->key) bad_file(key, "no private key in PEM without a passphrase");
  if (X509_check_private_key(parts->chain.front().get(), parts->key.get()) != 1) {
    bad_file(key, ("not the key of " + certificate.string()).c_str());
  }
  parts_ = std::move(parts);
}

Anchors::Anchors(const std::filesystem::path& certificates, const std::optional<std::filesystem::path>& revoked) {
  auto parts = std::make_shared<Parts>();
  parts->store.reset(X509_STORE_new());
  for (const Certificate& one : read_certificates(certificates)) X509_STORE_add_cert(parts->store.get(), one.get());
  if (revoked) {
    const Bio file = open(*revoked);
    while (X509_CRL* one = PEM_read_bio_X509_CRL(file.get(), nullptr, nullptr, nullptr)) {
      const openssl::Owned<X509_CRL, X509_CRL_free> list(one);
      X509_STORE_add_crl(parts->store.get(), list.get());
      parts->has_revoked = true;
    }
    if (!parts->has_revoked) bad_file(*revoked, "no revocation list in PEM");
    ERR_clear_error();
  }
  parts_ = std::move(parts);
}

Bytes sign(const Identity& identity, const char* content_type, ByteView content) {
  const Identity::Parts& parts = identity.parts();
  const Chain others(sk_X509_new_null());
  for (std::size_t i = 1; i < parts.chain.size(); ++i) sk_X509_push(others.get(), parts.chain[i].get());
  constexpr unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
  const ContentInfo cms(CMS_sign(nullptr, nullptr, others.get(), nullptr, flags));
  openssl::require(
      cms && CMS_set1_eContentType(cms.get(), object(content_type).get()) == 1 &&
          CMS_add1_signer(cms.get(), parts.chain.front().get(), parts.key.get(), EVP_sha256(), flags) != nullptr &&
          CMS_final(cms.get(), memory(content).get(), nullptr, flags) == 1,
      "CMS_sign");
  std::uint8_t* encoded = nullptr;
  const int length = i2d_CMS_ContentInfo(cms.get(), &encoded);
  openssl::require(length > 0, "CMS");
  Bytes octets(encoded, encoded + length);
  OPENSSL_free(encoded);
  return octets;
}

Signed verify(const Anchors& anchors, ByteView octets, const char* content_type, const char* purpose, Time now) {
  const std::uint8_t* at = octets.data();
  const ContentInfo cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(octets.size())));
  const auto refuse = [](const char* what) {
    ERR_clear_error();
    throw ProtocolError(ErrorCode::invalid_signature, what);
  };
  if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) refuse("no signed data");
  if (OBJ_cmp(CMS_get0_eContentType(cms.get()), object(content_type).get()) != 0) refuse("content of another type");
  if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.get())) != 1) refuse("one signature wanted");
  const Bio out(BIO_new(BIO_s_mem()));
  if (CMS_verify(cms.get(), nullptr, nullptr, nullptr, out.get(), CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1) {
    refuse("a false signature");
  }
  const Chain signers(CMS_get0_signers(cms.get()));
  if (!signers || sk_X509_num(signers.get()) != 1) refuse("no signer");
  X509* signer = sk_X509_value(signers.get(), 0);
  const openssl::Owned<STACK_OF(X509), free_with_certificates> others(CMS_get1_certs(cms.get()));
  require_chain(anchors.parts(), signer, others.get(), now);
  require_purpose(signer, purpose);
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  X509_up_ref(signer);
  return {Bytes(text, text + length), Certificate(signer)};
}

std::vector<RealmName> names_of(const X509& certificate) {
  const openssl::Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  const Object wanted = object(oid::principal_name);
  std::vector<RealmName> found;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_OTHERNAME || OBJ_cmp(name->d.otherName->type_id, wanted.get()) != 0) continue;
    const ASN1_TYPE* value = name->d.otherName->value;
    if (value->type != V_ASN1_SEQUENCE) continue;
    der::Reader in(ByteView(value->value.sequence->data, static_cast<std::size_t>(value->value.sequence->length)));
    found.push_back(Decoder::value<RealmName>(in, "KRB5PrincipalName"));
  }
  return found;
}

std::string common_name_of(const X509& certificate) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  int at = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;) at = next;
  if (at < 0) return {};
  std::uint8_t* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  return name;
}

}  // namespace reveille::kerberos::pkinit
