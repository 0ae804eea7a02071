// SPDX-License-Identifier: Apache-2.0
#pragma once

// The client's side of the AS, TGS and AP exchanges (RFC 4120 section 3). No clock and no sockets: the caller carries
// the octets. Every reply that is not the answer to our own request throws: ProtocolError with its code for a KRB-ERROR
// or a failed check, Error{malformed}, or Error{crypto} for a wrong key.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reveille/kerberos/client_armor.hpp"
#include "reveille/kerberos/credential.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/kerberos/pkinit.hpp"

namespace reveille::kerberos {

/// What a client proves itself with: a password, a long-term key (no string-to-key to pay for), or a certificate.
using Secret = std::variant<Password, Key, std::shared_ptr<const pkinit::Client>>;

/// Gets the first ticket. `while (!credential) credential = exchange.reply(send(exchange.request(now)));`
///
/// A KRB-ERROR is authenticated by nobody. So what it says of keys, and the cookie that it wants back, are tried beside
/// what others said, and a false one takes nothing away: every request of one exchange has the same nonce, and a reply
/// to any of them is taken. In FAST's armour (RFC 6113) a KRB-ERROR is the KDC's, a challenge takes the timestamp's
/// place, and an answer without armour is refused.
class AsExchange {
 public:
  /// `random` must outlive the exchange. Without `service` the ticket is for the ticket-granting service. `armor`: a
  /// ticket-granting ticket to armour the exchange with.
  AsExchange(PrincipalName client, std::string realm, Secret secret, std::vector<Etype> etypes, RandomSource& random,
             std::optional<PrincipalName> service = {}, std::optional<Credential> armor = {});

  /// The next AS-REQ: bare at first, pre-authenticated once the KDC asked for it.
  [[nodiscard]] Bytes request(Time now);
  /// The credential, or nothing when the KDC asked for pre-authentication: send another request. Throws when it tells
  /// nothing new, so that no peer can make a client ask for ever, and when it asks for less than the default iteration
  /// count (RFC 3962 section 8).
  [[nodiscard]] std::optional<Credential> reply(ByteView octets);

  /// What one exchange tries beside the default salt without a cookie: other salts, iteration counts and cookies. One
  /// that differs in more than the cookie costs a string-to-key.
  static constexpr std::size_t tried_demands = 4;
  /// A longer one does not go back: the request has to fit a datagram.
  static constexpr std::size_t longest_cookie = 1024;

 private:
  /// What a key is made with.
  struct KeyMaker {
    Etype etype;
    std::string salt;
    Bytes s2kparams;
    bool operator==(const KeyMaker&) const = default;
  };
  struct Attempt {
    KeyMaker maker;
    Key key;
    std::optional<PaData> cookie;
  };
  /// A reply out of its armour, if there is to be one.
  struct Answer {
    KdcReply reply;
    std::optional<Key> strengthen_key;
  };
  [[nodiscard]] Answer read_answer(ByteView octets) const;
  [[nodiscard]] KrbError read_error(ByteView octets) const;
  /// Of a client with a certificate (RFC 4556): bare at first, to hear a token of freshness; then signed.
  void sign(KdcRequest& request, Time now, const pkinit::Client& client);
  void hear_demand_to_sign(const KrbError& error);
  [[nodiscard]] Credential open_signed(const Answer& answer, const pkinit::Client& client);
  /// Of another.
  void prove(KdcRequest& request, Time now);
  void hear_demand(const KrbError& error);
  [[nodiscard]] Credential open(const Answer& answer);
  /// What either way makes of the reply.
  [[nodiscard]] Credential accept_under(const Answer& answer, const Key& key) const;
  [[nodiscard]] KdcRequest bare_request(Time now) const;
  /// Those that it has a key of, or can make one.
  [[nodiscard]] std::vector<Etype> usable_etypes() const;
  [[nodiscard]] KeyMaker default_maker(Etype etype) const;
  [[nodiscard]] KeyMaker key_maker(const std::vector<PaData>& padata, const std::vector<Etype>& wanted) const;
  /// Whether it is a new one, which then is tried first.
  bool try_key(const KeyMaker& maker, std::optional<PaData> cookie);
  [[nodiscard]] Key make_key(const KeyMaker& maker) const;

  PrincipalName client_;
  std::string realm_;
  Secret secret_;
  std::vector<Etype> etypes_;
  PrincipalName service_;
  RandomSource& random_;
  std::optional<fast::ClientArmor> armor_;
  std::uint32_t nonce_ = 0;
  Time asked_ = 0;                 ///< when the last request was made
  std::vector<Attempt> attempts_;  ///< the newest at the back; none before the KDC asked
  std::size_t next_ = 0;           ///< the attempt that the next request is made with
  std::optional<pkinit::KeyPair> key_pair_;
  std::optional<Bytes> freshness_;
  std::size_t errors_heard_ = 0;  ///< that asked for a signed request
};

/// Gets a service ticket with a ticket-granting ticket.
class TgsExchange {
 public:
  TgsExchange(Credential ticket_granting, PrincipalName service, std::vector<Etype> etypes, RandomSource& random);

  [[nodiscard]] Bytes request(Time now);
  /// Of any of its requests: they have one nonce.
  [[nodiscard]] Credential reply(ByteView octets);
  [[nodiscard]] const Credential& ticket_granting() const noexcept { return ticket_granting_; }

 private:
  Credential ticket_granting_;
  PrincipalName service_;
  std::vector<Etype> etypes_;
  RandomSource& random_;
  std::uint32_t nonce_ = 0;
};

/// The client's time as a nonce: never the same value twice, also if the clock stands still or is set back a little
/// (section 3.2.3). If it is set back by more than any server forgives, the nonces follow: else none was taken until
/// the clock is again where it once stood.
class ClientClock {
 public:
  Time next(Time now) { return last_ = now > last_ || last_ - now > default_skew ? now : last_ + 1; }

 private:
  Time last_ = 0;
};

struct ApOptions {
  bool mutual_required = true;
  bool subkey = false;
  bool sequence_number = false;
  std::optional<Checksum> checksum = {};  ///< what the application binds the request to (section 5.5.1)
};

/// What a client keeps of an AP-REQ that it sent.
struct SentApRequest {
  Bytes octets = {};
  Key session_key;
  Time client_nonce = 0;
  std::optional<Key> subkey = {};
  std::optional<std::uint32_t> sequence_number = {};
};

/// Builds an AP-REQ whose authenticator carries `client_nonce` (take it from a ClientClock) as ctime and cusec.
SentApRequest make_ap_request(const Credential& credential, Time client_nonce, const ApOptions& options,
                              RandomSource& random);

/// Opens an AP-REP. Throws ProtocolError{mutual_failed} if it does not decrypt, Error{malformed} if it is not an
/// AP-REP. Whose answer it is, the caller learns from its ctime.
EncApReplyPart open_ap_reply(ByteView ap_reply, const Key& session_key);
/// The same, and checks the echoed client nonce. Throws ProtocolError{mutual_failed} if it differs or the reply
/// does not decrypt, Error{malformed} if it is not an AP-REP.
EncApReplyPart verify_ap_reply(ByteView ap_reply, const SentApRequest& sent);

}  // namespace reveille::kerberos
