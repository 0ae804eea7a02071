// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reveille/kerberos/client.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/nodes/association.hpp"
#include "reveille/nodes/datagram.hpp"
#include "reveille/nodes/heard_nonces.hpp"
#include "reveille/nodes/rate_limit.hpp"
#include "reveille/nodes/signalling.hpp"

namespace reveille::nodes {

/// Sends something to the network; called from inside receive() and expire().
using Send = std::function<void(Datagram)>;

struct CtaConfig {
  net::Address address;
  Endpoint server;
  Endpoint kdc;
  std::string realm;
  kerberos::PrincipalName principal;
  kerberos::Secret secret;
  std::vector<kerberos::Etype> etypes = kerberos::all_etypes();
  kerberos::PrincipalName server_principal;
  std::uint8_t doi = keymgmt::doi_ipsec;
  std::optional<kerberos::Credential> credential;  ///< a ticket that it holds already
  /// A ticket-granting ticket to armour the AS exchange with (FAST, RFC 6113), asked for whenever one begins; none:
  /// without armour.
  std::function<kerberos::Credential()> armor;

  Timeouts timeouts;                 ///< for an AP Reply, and for the KDC
  unsigned tries = 5;                ///< retries after the first sending, then the exchange is aborted
  Time answer_interval = 1'000'000;  ///< one Wake Up answered in that time …
  unsigned answer_burst = 4;         ///< … but so many at once
  Time clock_offset = 0;             ///< what its clock shows, less the time of the calls
  bool learns_time = true;           ///< from the KDC, if its clock is wrong
  /// A ticket that an Error Reply speaks against is replaced at the next time-out, but only once in that time, or once
  /// an exchange as long as none has proved good.
  Time renewal_interval = 600'000'000;
  /// A ticket that ends within that time is replaced without a Wake Up; 0: only when woken. Where the KDC does not
  /// answer, it is asked again after a tenth of it.
  Time renew_ahead = 0;
  /// It asks the server by itself, once, when it begins: a server that holds an association of before learns so that it
  /// is gone.
  bool initiate = false;
  /// From one signalling message under the association (DOI 1) to the next; 0: none.
  Time signalling_interval = 0;
};

/// Why an exchange came to nothing.
enum class AbortReason { none, no_reply, kdc_silent, kdc_refused, server_refused };
std::string to_string(AbortReason reason);

/// The client (docs/protocol.md, part 1): woken, it gets a ticket if it has none, answers with an AP Request that
/// brings the server's nonce back, checks the AP Reply's client nonce, and sends SA Recovered.
/// Wake Ups, Error Replies and KRB-ERRORs are authenticated by nobody: they are remembered, never believed. Which Wake
/// Up is answered, HeardNonces decides; how often one is, a rate. An Error Reply has a doubtful ticket replaced once in
/// a long while, and an AP Reply to the old one is taken until then and after. A Rekey proves that it is the server's,
/// and is answered whenever it is heard, beside all that. A machine without a clock: every call is
/// told the time, which never goes back; what the clock on the wall shows may, and differs from it by the clock's
/// offset. deadline() says when expire() wants to be called. No octets from the network make it throw.
class Cta {
 public:
  /// waiting_for_turn: it has heard a Wake Up, and may not answer yet.
  enum class State { idle, waiting_for_turn, asking_kdc, waiting_for_reply, established, aborted };

  struct Counters {
    std::uint64_t wakeups = 0;
    std::uint64_t refused_zero_nonce = 0;  ///< Wake Ups with the out-of-bounds value
    std::uint64_t refused_rate = 0;        ///< Wake Ups that had to wait for their turn
    std::uint64_t forgotten = 0;           ///< of these, nonces that gave way to others
    std::uint64_t refused_malformed = 0;   ///< also of another principal
    std::uint64_t refused_errors = 0;      ///< Error Replies and KRB-ERRORs that were not believed
    std::uint64_t kdc_requests = 0;
    std::uint64_t ap_requests = 0;
    std::uint64_t false_replies = 0;  ///< AP Replies that did not verify
    std::uint64_t recovered_sent = 0;
    std::uint64_t established = 0;     ///< associations
    std::uint64_t rekeys = 0;          ///< heard
    std::uint64_t refused_rekeys = 0;  ///< of these, forged, stale, or more than it answers
    std::uint64_t initiated = 0;       ///< AP Requests that no Wake Up and no Rekey asked for
    std::uint64_t messages = 0;        ///< of signalling
    std::uint64_t messages_again = 0;  ///< sent another time
    std::uint64_t messages_answered = 0;
    std::uint64_t messages_lost = 0;    ///< given up
    std::uint64_t packets_refused = 0;  ///< under no association, replayed, or not authentic
  };

  Cta(CtaConfig config, kerberos::RandomSource& random);

  void receive(const Datagram& datagram, Time now, const Send& send);
  [[nodiscard]] std::optional<Time> deadline() const;
  void expire(Time now, const Send& send);
  /// The clock, which Kerberos goes by, has been set.
  void set_clock_offset(Time offset);
  /// How much its clock is behind the KDC's, as far as it knows.
  [[nodiscard]] Time clock_error() const { return clock_error_; }

  /// Says that something happened at its telephone, in signalling that is repeated until it is answered.
  void notify(std::string event, Time now, const Send& send);
  /// Takes a command of the server's that came in signalling, again where it came again; what it answers.
  std::function<std::string(const std::string& command)> on_command;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] AbortReason abort_reason() const { return abort_reason_; }
  /// Why the KDC's last answer in this exchange was not taken; empty if none was refused.
  [[nodiscard]] const std::string& kdc_fault() const { return kdc_fault_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const CtaConfig& config() const { return config_; }
  /// The service ticket that it holds, and the ticket-granting ticket that it was got with; null if there is none.
  [[nodiscard]] const kerberos::Credential* credential() const { return credential_ ? &*credential_ : nullptr; }
  [[nodiscard]] const kerberos::Credential* granting() const { return tgs_ ? &tgs_->ticket_granting() : nullptr; }
  /// Of the newest association; nothing if it holds none.
  [[nodiscard]] std::optional<keymgmt::SaKeys> keys() const {
    return associations_.newest() != nullptr ? std::optional(associations_.newest()->keys) : std::nullopt;
  }
  [[nodiscard]] const Associations& associations() const { return associations_; }

 private:
  void receive_server(ByteView octets, Time now, const Send& send);
  void receive_wakeup(const keymgmt::WakeUp& wakeup, Time now, const Send& send);
  void receive_reply(ByteView octets, Time now, const Send& send);
  void receive_rekey(ByteView octets, const keymgmt::Rekey& rekey, Time now, const Send& send);
  /// R2: that the server sent it, and lately.
  [[nodiscard]] bool is_true_rekey(ByteView octets, const keymgmt::Rekey& rekey, Time now) const;
  void answer_rekey(Time now, const Send& send);
  /// When it is to ask for an association by itself: where it begins, and R4.
  [[nodiscard]] std::optional<Time> initiation() const;
  void initiate(Time now, const Send& send);
  void expire_associations(Time now);
  [[nodiscard]] bool signals() const { return config_.signalling_interval > 0 && config_.doi == keymgmt::doi_ipsec; }
  void signal(Time now, const Send& send);
  void send_message(const Send& send);
  void say(ByteView text, const Send& send);
  void receive_packet(ByteView packet, Time now, const Send& send);
  void receive_error(const keymgmt::ErrorReply& error);
  [[nodiscard]] bool is_proved(const std::optional<kerberos::Credential>& credential) const;
  /// Whether the KDC is asked for another ticket: once in a long while, or once an exchange if none has proved good.
  [[nodiscard]] bool renews_ticket(Time now);
  void receive_kdc(ByteView octets, Time now, const Send& send);
  [[nodiscard]] std::optional<Time> exchange_deadline() const;
  void begin(Time now, const Send& send);
  /// When the ticket is to be replaced without a Wake Up.
  [[nodiscard]] std::optional<Time> renewal() const;
  void begin_renewal(Time now, const Send& send);
  void end_renewal(Time now, const Send& send);
  void begin_kdc_exchange(Time now, const Send& send);
  void begin_as_exchange();
  void begin_tgs_exchange(kerberos::Credential granting);
  /// Of the replies behind the one that was taken: who is ahead of the KDC with another ticket shall not have the last
  /// word, nor who comes behind it.
  void keep_by_chance(std::optional<kerberos::Credential>& kept, kerberos::Credential heard);
  void ask_kdc(Time now, const Send& send);
  void hear_time(ByteView kdc_octets, Time now);
  void learn_time(Time kdc_time, Time now);
  /// Does what needs no time-out, if its rate allows.
  void go_on(Time now, const Send& send);
  void time_out(Time now, const Send& send);
  /// Answers the Wake Up whose turn it is; gets another ticket first, if there is reason to. `paid`: its rate of
  /// answers was asked already.
  void take_turn(bool paid, Time now, const Send& send);
  void send_ap_request(std::uint32_t nonce, Time now, const Send& send);
  void abort(AbortReason reason);
  [[nodiscard]] bool busy() const { return state_ == State::asking_kdc || state_ == State::waiting_for_reply; }
  [[nodiscard]] Datagram to_server(Bytes payload) const;
  [[nodiscard]] bool has_ticket(Time now) const { return credential_ && credential_->endtime > clock(now); }
  [[nodiscard]] Time clock(Time now) const { return now + config_.clock_offset + clock_error_; }

  CtaConfig config_;
  kerberos::RandomSource& random_;
  kerberos::ClientClock client_clock_;
  State state_ = State::idle;
  AbortReason abort_reason_ = AbortReason::none;
  Counters counters_;
  Backoff backoff_;
  RateLimit answers_;
  RateLimit renewals_;
  HeardNonces heard_;

  /// An AP Request that may still be answered: also one that is newer than that of the established association, for
  /// the server may have given that session up before.
  struct OpenRequest {
    std::uint32_t nonce = 0;
    kerberos::Ticket ticket;
    Bytes octets;
    kerberos::SentApRequest sent;
    keymgmt::ApplicationData ours;
    bool replaces = false;  ///< an association that it holds
  };

  void establish(ByteView octets, const keymgmt::ApReply& reply, const kerberos::Key& subkey,
                 const OpenRequest& request, Time now, const Send& send);
  /// Of that nonce, with the present ticket.
  [[nodiscard]] const OpenRequest* open_request(std::uint32_t nonce) const;

  Time clock_error_ = 0;
  std::optional<Time> told_error_;  ///< as a KRB-ERROR has it, which nobody sealed: tried beside the own clock
  bool told_lately_ = false;        ///< no request has gone by it
  Time as_begun_ = 0;
  std::optional<kerberos::AsExchange> as_;
  std::optional<kerberos::TgsExchange> tgs_;
  bool renewing_ = false;  ///< without a Wake Up: one try
  State before_renewal_ = State::idle;
  Time next_renewal_ = 0;  ///< not before
  bool kdc_refused_ = false;
  std::string kdc_fault_;
  bool asked_anew_ = false;  ///< in this exchange with the KDC, for a ticket-granting ticket
  bool ticket_doubted_ = false;
  bool ticket_renewed_ = false;  ///< in this exchange
  bool server_refused_ = false;
  std::optional<kerberos::Credential> credential_;
  /// An earlier one, since that an Error Reply spoke against it says little; or what another reply of the KDC brought.
  std::optional<kerberos::Credential> other_;
  std::optional<kerberos::Credential> other_granting_;
  std::uint32_t others_heard_ = 0;       ///< of which one is kept
  std::optional<kerberos::Key> proved_;  ///< of the ticket under which the server last answered
  std::deque<OpenRequest> open_;         ///< the newest at the back
  Bytes recovered_;                      ///< the SA Recovered of the established association
  Bytes answered_reply_;                 ///< and the AP Reply that it answers
  Associations associations_;

  /// The last Rekey that was taken, until an association comes of it.
  struct TakenRekey {
    Bytes octets;
    std::uint32_t nonce = 0;
    std::vector<keymgmt::Ciphersuite> ciphersuites;
  };
  std::optional<TakenRekey> rekey_;
  std::optional<Time> last_rekey_;  ///< the newest timestamp that was taken
  RateLimit rekey_answers_;
  std::optional<Backoff> initiation_;  ///< under way
  bool initiated_ = false;             ///< for the newest association, or the beginning
  std::optional<Time> next_message_;
  std::optional<Backoff> unanswered_;  ///< of the message under way
  std::deque<std::string> events_;     ///< to be said
  Notification said_;                  ///< last
};

}  // namespace reveille::nodes
