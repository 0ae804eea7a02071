// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/messages.hpp"

namespace reveille::kerberos {

/// Remembers authenticators for as long as the skew check lets them pass (RFC 4120 section 3.2.3): server, client and
/// client nonce. The same nonce encrypted afresh is a replay too, unlike with MIT, whose key is the authenticator's
/// HMAC.
class ReplayCache {
 public:
  /// Principals stand for themselves, not for their text: {a/b} is not {a, b}.
  struct Entry {
    Time client_nonce = 0;
    PrincipalName server;
    std::string crealm;
    PrincipalName client;
    auto operator<=>(const Entry&) const = default;
  };

  explicit ReplayCache(Time skew = default_skew) : skew_(skew) {}

  /// False if it was seen before; else remembers it. Forgets what the skew check would refuse by itself, but keeps in
  /// which stretches of time that was, and refuses what lies in them: the clock may be set back. They are few, so where
  /// the clock has not been set they close up; and where it once stood far ahead, what lies before that is still taken.
  [[nodiscard]] bool insert(Entry entry, Time now);
  /// The memory was lost at `now` (a restart): refuses every authenticator that may have been seen before. A clock that
  /// is ahead by the skew made those as late as `now` + skew, and the skew check lets them pass for as long again.
  void lose(Time now);
  [[nodiscard]] std::size_t size() const noexcept { return seen_.size(); }

 private:
  struct Stretch {
    Time first = 0;
    Time last = 0;
  };
  static constexpr std::size_t stretches = 8;
  void forget(Time client_nonce);

  Time skew_;
  std::vector<Stretch> unknown_;  ///< client nonces that are not known to be new; the oldest first
  std::set<Entry> seen_;          ///< the oldest client nonce first
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
  std::vector<AuthorizationElement> authorization_data;  ///< the authenticator's
  EncTicketPart ticket;
};

/// What an AP-REQ is opened with.
struct ApVerification {
  const std::string& realm;
  const PrincipalName& name;
  const Keytab& keytab;  ///< holds the keys of that principal
  KeyUsage authenticator_usage = KeyUsage::ap_req_authenticator;
  std::optional<HostAddress> from = {};  ///< without it addresses are not checked
  bool weak_etypes = false;              ///< whether keys of those are taken
};

/// The first half of section 3.2.3: who sent it. Checks in its order 40, 44, 45, 31 ticket, 31 authenticator, 36, 38,
/// then 12 for authorization data that must be understood and is not; and 14 for a key of a weak etype. Throws
/// ProtocolError with that code. Octets that are no AP-REQ in DER are bad_message_type. Anybody may have sent these
/// octets again: nothing is remembered of them.
AcceptedApRequest open_ap_request(ByteView ap_request, const ApVerification& against);

/// The second half: that it is new, and its ticket good now: 37, 34, 33, 32. Null `replay_cache`: replays pass, as a
/// TGS may let them (section 3.3.2).
void admit_ap_request(const AcceptedApRequest& request, const PrincipalName& server, Time now, Time skew,
                      ReplayCache* replay_cache);

/// The server's side of the AP exchange.
class Service {
 public:
  /// One realm, one principal; `keytab` holds its keys.
  Service(std::string realm, PrincipalName name, Keytab keytab, Time skew = default_skew, bool weak_etypes = false);

  /// open_ap_request with the own keys. `from`: checked against the ticket's addresses, if it has any.
  [[nodiscard]] AcceptedApRequest open(ByteView ap_request, const std::optional<HostAddress>& from = {}) const;
  /// admit_ap_request with the own replay cache. A protocol that binds the AP-REQ to its own message (an HMAC under the
  /// session key) checks that in between: else whoever replays an AP-REQ chooses what is refused, and remembered.
  void admit(const AcceptedApRequest& request, Time now);
  /// Both, for a bare AP-REQ.
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
  bool weak_etypes_;
  ReplayCache replay_cache_;
};

}  // namespace reveille::kerberos
