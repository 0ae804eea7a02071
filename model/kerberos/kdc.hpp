// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/kerberos/fast.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/pkinit.hpp"
#include "reveille/kerberos/service.hpp"

namespace reveille::kerberos {

struct KdcPolicy {
  Time ticket_lifetime = 10 * hour;
  Time skew = default_skew;
  bool weak_etypes = false;  ///< whether keys of those are used, in tickets, replies and requests
};

/// A principal as a KDC knows it.
struct KdcPrincipal {
  Keytab keys;
  Keytab current;  ///< those of the highest kvno
  bool has_password = false;

  void add(const KeytabEntry& entry);
};

/// The database of principals cannot be read.
class DatabaseError : public Error {
 public:
  explicit DatabaseError(const std::string& what) : Error(ErrorKind::bad_input, what) {}
};

/// Where a KDC has its principals from.
class PrincipalDatabase {
 public:
  virtual ~PrincipalDatabase() = default;
  /// Null if there is none of that name; else it stays in its place until the request under way is answered. Throws
  /// DatabaseError.
  [[nodiscard]] virtual const KdcPrincipal* find(const PrincipalName& name) = 0;
};

/// A key distribution centre for one realm (RFC 4120 sections 3.1 and 3.3): AS with encrypted-timestamp
/// pre-authentication, always required, and TGS with user-to-user; both in FAST's armour too (RFC 6113), where a client
/// proves itself by PA-ENCRYPTED-CHALLENGE. A function of request, time and random source; no clock, no sockets. Not
/// there: renewal, proxies, forwarding, postdating, cross-realm. A request for
/// such a ticket is refused with MIT's code; one for a ticket that might become such (RENEWABLE, FORWARDABLE ...) gets
/// one that may not, as section 3.1.3 allows. No octets make it throw, and its answer to a client that has not proved
/// itself is at most four times as long as the request.
class Kdc {
 public:
  /// `random` must outlive the KDC. Draws the key of the ticket-granting service, aes256-cts-hmac-sha1-96 unless told.
  Kdc(std::string realm, RandomSource& random, KdcPolicy policy = {}, Etype tgs_etype = Etype::aes256_sha1);
  /// With the principals of a database that outlives it, the ticket-granting service's too, and those added here.
  Kdc(std::string realm, PrincipalDatabase& database, RandomSource& random, KdcPolicy policy);

  /// Keys by string-to-key with the default salt, one an etype. Tickets for this principal are user-to-user alone.
  void add_password(const PrincipalName& name, const Password& password, const std::vector<Etype>& etypes);
  /// A random key an etype.
  void add_random(const PrincipalName& name, const std::vector<Etype>& etypes);
  /// Tickets and replies are sealed under the keys of the highest kvno; tickets under older ones are still opened.
  void add_key(const PrincipalName& name, Key key, std::uint32_t kvno = 1);

  /// Clients may prove themselves by certificates from now on (RFC 4556): each is the principal that its certificate
  /// names, which must be one of the realm's.
  void accept_certificates(pkinit::Server server);

  [[nodiscard]] const std::string& realm() const noexcept { return realm_; }
  /// The keys of one principal: what a service is given, and what a client without a password holds. Throws
  /// Error{bad_input} for an unknown name.
  [[nodiscard]] Keytab keytab(const PrincipalName& name) const;
  /// Every key, the ticket-granting service's too: opens every ticket of a capture.
  [[nodiscard]] const Keytab& keys() const noexcept { return keys_; }

  /// The reply, a KRB-ERROR included. Empty, as MIT's silence, for what is no AS-REQ or TGS-REQ. `from`: where the
  /// request came from, checked against the addresses of a ticket-granting ticket, if it has any. The database's
  /// DatabaseError goes through: what is wrong with a file is no client's to know.
  [[nodiscard]] Bytes handle(ByteView request, Time now, const std::optional<HostAddress>& from = {});
  /// A KRB-ERROR for what its transport refuses: 52 for a reply that a datagram is not to carry, 61 for a request that
  /// is too long (section 7.2).
  [[nodiscard]] Bytes refuse(ErrorCode code, Time now) const;

 private:
  using Principal = KdcPrincipal;
  /// What a ticket is sealed under.
  struct SealingKey {
    Key key;
    std::optional<std::uint32_t> kvno;
  };
  /// A request as it is answered: out of its armour, if it came in some.
  struct Asked {
    KdcRequest request;
    ByteView octets;  ///< as it came
    Time now = 0;
    std::optional<HostAddress> from = {};
    std::optional<Key> armor = {};
    bool hide_client = false;
  };
  /// Null if there is none.
  [[nodiscard]] const Principal* find(const PrincipalName& name) const;
  [[nodiscard]] const Principal& granting_service() const;
  [[nodiscard]] const Principal& service_of(const KdcRequest& request) const;
  Bytes answer_as(Asked& asked);
  Bytes answer_certificate(const Asked& asked, const PaData& data, EncTicketPart ticket, const SealingKey& service_key);
  [[nodiscard]] Bytes freshness_token(Time now) const;
  void check_freshness(const std::optional<Bytes>& token, Time now) const;
  [[nodiscard]] Bytes answer_error(const Asked& asked, ErrorCode code, const std::string& text) const;
  /// What a client is told that has not proved itself.
  [[nodiscard]] std::vector<PaData> method_data(const Asked& asked) const;
  Bytes answer_tgs(Asked& asked);
  [[nodiscard]] AcceptedApRequest open_ticket_granting(const Asked& asked) const;
  /// `header`: of a TGS-REQ, which is its armour.
  void take_off_armor(Asked& asked, const AcceptedApRequest* header) const;
  [[nodiscard]] Key open_armor(const fast::Armor& armor, const Asked& asked) const;
  /// The ticket's reply as it goes in the armour of its request, and the key that it is sealed under there.
  SealingKey put_in_armor(const Asked& asked, KdcReply& reply, const SealingKey& reply_key) const;
  void drop_weak(KdcRequestBody& body) const;
  /// Throws for a user with a password: whoever has a key of the realm could have a ticket under that password's key,
  /// and try passwords on it.
  [[nodiscard]] SealingKey sealing_key(const Principal& service) const;
  [[nodiscard]] bool permits(Etype etype) const { return policy_.weak_etypes || !is_weak(etype); }
  [[nodiscard]] SealingKey user_to_user_key(const KdcRequest& request, Time now) const;
  [[nodiscard]] Etype session_etype(const KdcRequest& request) const;
  Bytes issue(const Asked& asked, EncTicketPart ticket, const SealingKey& ticket_key, SealingKey reply_key,
              KeyUsage usage, std::vector<PaData> padata);

  std::string realm_;
  RandomSource& random_;
  KdcPolicy policy_;
  std::map<PrincipalName, Principal> principals_;
  PrincipalDatabase* database_ = nullptr;
  Keytab keys_;
  std::optional<pkinit::Server> certificates_;
  std::optional<Key> freshness_key_;
};

}  // namespace reveille::kerberos
