// SPDX-License-Identifier: Apache-2.0
#pragma once

// Initial authentication by certificates (RFC 4556): Diffie-Hellman with the groups 14 and 16 of RFC 3526 or, RFC 5349,
// P-256; freshness (RFC 8070). Not there: key transport, the KDFs of RFC 8636, reuse of Diffie-Hellman keys. OpenSSL's
// CMS; its objects stay inside.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "reveille/kerberos/key.hpp"
#include "reveille/kerberos/random.hpp"
#include "reveille/kerberos/time.hpp"
#include "reveille/kerberos/types.hpp"

namespace reveille::kerberos::pkinit {

enum class Group { modp_2048, modp_4096, p256 };
/// "modp-2048", "modp-4096" or "p-256"; nothing for another word.
std::optional<Group> to_group(std::string_view name);

/// Who has a certificate, and its private key. PEM, the certificate first in its file, then those between it and the
/// anchor; the key's file is its owner's alone. Error{bad_input} names the file.
class Identity {
 public:
  Identity(const std::filesystem::path& certificate, const std::filesystem::path& key);
  struct Parts;
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

/// Which certificates are believed: those under one of the PEM file, and not in the revocation lists of the other; with
/// such a file each issuer must have a list of now in it.
class Anchors {
 public:
  explicit Anchors(const std::filesystem::path& certificates,
                   const std::optional<std::filesystem::path>& revoked = std::nullopt);
  struct Parts;
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

/// A client's side. The KDC's certificate must have id-pkinit-KPKdc and the realm's ticket-granting service as its
/// name.
struct Client {
  Identity identity;
  Anchors anchors;
  Group group = Group::modp_2048;
};

/// A KDC's side. A device's certificate must have id-pkinit-KPClientAuth.
struct Server {
  Identity identity;
  Anchors anchors;
  bool require_freshness = false;
};

/// One end's key pair, of one exchange.
class KeyPair {
 public:
  KeyPair(Group group, RandomSource& random);
  /// The SubjectPublicKeyInfo that a client sends.
  [[nodiscard]] Bytes public_key_info() const;
  /// What is in its BIT STRING.
  [[nodiscard]] Bytes public_key() const;
  /// With the other end's, which is out of its BIT STRING. ProtocolError for one that is none of the group.
  [[nodiscard]] SecretBytes agree(ByteView public_key) const;
  struct Parts;

 private:
  std::shared_ptr<const Parts> parts_;
};

/// octetstring2key (RFC 4556 section 3.2.3.1).
Key reply_key(Etype etype, ByteView secret);

/// The value of PA-PK-AS-REQ. `body`: the KDC-REQ-BODY that it is bound to, from its 0x30.
Bytes make_request(const Client& client, const KeyPair& keys, ByteView body, std::uint32_t nonce, Time now,
                   const std::optional<Bytes>& freshness);
/// The secret that the value of PA-PK-AS-REP brings. ProtocolError for one that the KDC of the realm did not make for
/// that request.
SecretBytes open_reply(const Client& client, const KeyPair& keys, ByteView reply, const std::string& realm,
                       std::uint32_t nonce, Time now);

/// Of the exchange at the KDC.
struct OpenedRequest {
  PrincipalName name;  ///< whose certificate it is
  std::optional<Bytes> freshness;
  Bytes reply;  ///< the value of PA-PK-AS-REP
  SecretBytes secret;
};
/// ProtocolError, with RFC 4556's code, for a request that no device made of that body, or not lately.
OpenedRequest answer_request(const Server& server, ByteView request, ByteView body, const std::string& realm, Time now,
                             Time skew, RandomSource& random);

}  // namespace reveille::kerberos::pkinit
