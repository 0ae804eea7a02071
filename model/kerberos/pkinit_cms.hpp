// SPDX-License-Identifier: Apache-2.0
#pragma once

// Signed data and certificates behind pkinit.hpp; internal to model/kerberos.

#include <openssl/x509v3.h>

#include <vector>

#include "reveille/kerberos/error_code.hpp"
#include "reveille/kerberos/openssl.hpp"
#include "reveille/kerberos/pkinit.hpp"

namespace reveille::kerberos::pkinit {

using Certificate = openssl::Owned<X509, X509_free>;
using PrivateKey = openssl::Owned<EVP_PKEY, EVP_PKEY_free>;

struct Identity::Parts {
  std::vector<Certificate> chain;  ///< its own in front
  PrivateKey key;
};
struct Anchors::Parts {
  openssl::Owned<X509_STORE, X509_STORE_free> store;
  bool has_revoked = false;
};

namespace oid {
constexpr const char* auth_data = "1.3.6.1.5.2.3.1";
constexpr const char* dh_key_data = "1.3.6.1.5.2.3.2";
constexpr const char* client_auth = "1.3.6.1.5.2.3.4";
constexpr const char* kdc = "1.3.6.1.5.2.3.5";
constexpr const char* principal_name = "1.3.6.1.5.2.2";
}  // namespace oid

/// A ContentInfo with SignedData: content of that type, and one signature with its certificates.
Bytes sign(const Identity& identity, const char* content_type, ByteView content);

struct Signed {
  Bytes content;
  Certificate signer;
};
/// Whose purpose the signature is for, under the anchors at that time. Throws ProtocolError with RFC 4556's code.
Signed verify(const Anchors& anchors, ByteView octets, const char* content_type, const char* purpose, Time now);

/// A realm and a name in it.
struct RealmName {
  std::string realm;
  PrincipalName name;
};
/// The names of id-pkinit-san.
std::vector<RealmName> names_of(const X509& certificate);
/// The last common name of the subject; empty if there is none.
std::string common_name_of(const X509& certificate);

}  // namespace reveille::kerberos::pkinit
