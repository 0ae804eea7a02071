// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "kerberos/keytab.hpp"
#include "kerberos/messages.hpp"

namespace reveille::kerberos {

/// Remembers authenticators for one skew interval (RFC 4120 section 3.2.3): server, client and client nonce. The same
/// nonce encrypted afresh is a replay too, unlike with MIT, whose key is the authenticator's HMAC.
class ReplayCache {
 public:
  explicit ReplayCache(Time skew = default_skew) : skew_(skew) {}

  /// False if it was seen before; else remembers it. Forgets what the skew check would refuse by itself.
  [[nodiscard]] bool insert(const std::string& server, const std::string& client, Time client_nonce, Time now);
  /// The memory was lost at `now` (a restart): refuses everything for one skew interval.
  void lose(Time now);
  [[nodiscard]] std::size_t size() const noexcept { return seen_.size(); }

 private:
  Time skew_;
  Time refuse_until_ = 0;
  std::set<std::tuple<Time, std::string, std::string>> seen_;  ///< ordered by client nonce: the oldest first
};

/// A client that proved itself.
struct AcceptedApRequest {
  std::string crealm;
  PrincipalName cname;
  Key session_key;
  Time client_nonce = 0;
  Time endtime = 0;  ///< the ticket's
  bool mutual_required = false;
  std::optional<Key> subkey;
  std::optional<std::uint32_t> sequence_number;
  std::optional<Checksum> checksum;
  EncTicketPart ticket;
};

/// What an AP-REQ is checked against.
struct ApVerification {
  const std::string& realm;
  const PrincipalName& name;
  const Keytab& keytab;  ///< holds the keys of that principal
  Time skew = default_skew;
  KeyUsage authenticator_usage = KeyUsage::ap_req_authenticator;
  ReplayCache* replay_cache = nullptr;  ///< null: replays pass, as a TGS may let them (section 3.3.2)
  const HostAddress* from = nullptr;    ///< null: addresses are not checked
};

/// Checks in the order of section 3.2.3: 40, 44, 45, 31 ticket, 31 authenticator, 36, 38, 37, 34, 33, 32. Throws
/// ProtocolError with that code. Octets that are no AP-REQ in DER are bad_message_type.
AcceptedApRequest verify_ap_request(ByteView ap_request, Time now, const ApVerification& against);

/// The server's side of the AP exchange.
class Service {
 public:
  /// One realm, one principal; `keytab` holds its keys.
  Service(std::string realm, PrincipalName name, Keytab keytab, Time skew = default_skew);

  /// verify_ap_request with the own keys and replay cache. `from`: checked against the ticket's addresses, if it has
  /// any.
  [[nodiscard]] AcceptedApRequest accept(ByteView ap_request, Time now, const std::optional<HostAddress>& from = {});

  /// AP-REP under the session key (section 3.2.5), the client nonce echoed.
  [[nodiscard]] static Bytes reply(const AcceptedApRequest& request, const std::optional<Key>& subkey,
                                   std::optional<std::uint32_t> sequence_number, RandomSource& random);
  /// KRB-ERROR for a refused request.
  [[nodiscard]] Bytes error(ErrorCode code, Time now, const std::string& text = {}) const;

  [[nodiscard]] ReplayCache& replay_cache() noexcept { return replay_cache_; }
  [[nodiscard]] const PrincipalName& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& realm() const noexcept { return realm_; }

 private:
  std::string realm_;
  PrincipalName name_;
  Keytab keytab_;
  Time skew_;
  ReplayCache replay_cache_;
};

}  // namespace reveille::kerberos
