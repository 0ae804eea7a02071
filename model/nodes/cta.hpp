// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kerberos/client.hpp"
#include "keymgmt/messages.hpp"
#include "keymgmt/security.hpp"
#include "nodes/datagram.hpp"

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

  Timeouts timeouts;                 ///< for an AP Reply, and for the KDC
  unsigned tries = 5;                ///< retries after the first sending, then the exchange is aborted
  Time answer_interval = 1'000'000;  ///< one Wake Up answered in that time …
  unsigned answer_burst = 4;         ///< … but so many at once
  Time clock_offset = 0;             ///< its clock, less the true time
};

/// Why an exchange came to nothing.
enum class AbortReason { none, no_reply, kdc_silent, kdc_refused, server_refused };
std::string to_string(AbortReason reason);

/// The client (docs/protocol.md, part 1): woken, it gets a ticket if it has none, answers with an AP Request that
/// brings the server's nonce back, checks the AP Reply's client nonce, and sends SA Recovered.
/// It answers one Wake Up at a time, and remembers the nonces of those that arrive meanwhile. When it has to choose, at
/// a retry or when its ticket has come, it takes one that came twice, since a server repeats itself; of these the one
/// that it answered least, then the one heard last. So neither forged Wake Ups nor those of a session that the server
/// has given up keep a true one from being answered.
/// A machine without a clock: every call is told the time; deadline() says when expire() wants to be called.
class Cta {
 public:
  enum class State { idle, asking_kdc, waiting_for_reply, established, aborted };

  struct Counters {
    std::uint64_t wakeups = 0;
    std::uint64_t refused_zero_nonce = 0;  ///< Wake Ups with the out-of-bounds value
    std::uint64_t refused_rate = 0;
    std::uint64_t refused_malformed = 0;  ///< also of another principal
    std::uint64_t ap_requests = 0;
    std::uint64_t false_replies = 0;  ///< AP Replies that did not verify
    std::uint64_t recovered_sent = 0;
  };

  Cta(CtaConfig config, kerberos::RandomSource& random);

  void receive(const Datagram& datagram, Time now, const Send& send);
  [[nodiscard]] std::optional<Time> deadline() const;
  void expire(Time now, const Send& send);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] AbortReason abort_reason() const { return abort_reason_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const CtaConfig& config() const { return config_; }
  /// Of the established association.
  [[nodiscard]] const std::optional<keymgmt::SaKeys>& keys() const { return keys_; }

 private:
  void receive_wakeup(const keymgmt::WakeUp& wakeup, Time now, const Send& send);
  void receive_reply(ByteView octets, const Send& send);
  void receive_error(const keymgmt::ErrorReply& error, Time now, const Send& send);
  void receive_kdc(ByteView octets, Time now, const Send& send);
  void ask_kdc(Time now, const Send& send);
  void send_ap_request(std::uint32_t nonce, Time now, const Send& send);
  void begin(Time now, const Send& send);
  void hear(std::uint32_t nonce);
  /// The one whose turn it is.
  [[nodiscard]] std::uint32_t next_nonce();
  void establish(ByteView octets, const keymgmt::ApReply& reply, const kerberos::Key& subkey, const Send& send);
  void abort(AbortReason reason);
  [[nodiscard]] bool may_answer(Time now);
  [[nodiscard]] Datagram to_server(Bytes payload) const;
  [[nodiscard]] Time clock(Time now) const { return now + config_.clock_offset; }

  CtaConfig config_;
  kerberos::RandomSource& random_;
  kerberos::ClientClock client_clock_;
  State state_ = State::idle;
  AbortReason abort_reason_ = AbortReason::none;
  Counters counters_;
  Backoff backoff_;
  Time answer_tat_ = 0;  ///< theoretical arrival time of the next answer (GCRA)

  /// An AP Request that may still be answered.
  struct OpenRequest {
    std::uint32_t nonce = 0;
    Bytes octets;
    kerberos::SentApRequest sent;
  };

  /// A server nonce of the Wake Ups since this exchange began.
  struct HeardNonce {
    std::uint32_t nonce = 0;
    bool repeated = false;
    int answered = 0;
    [[nodiscard]] std::pair<bool, int> precedence() const { return {repeated, -answered}; }
  };
  [[nodiscard]] const OpenRequest* open_request(std::uint32_t nonce) const;

  std::deque<HeardNonce> heard_;  ///< the latest at the back
  std::optional<kerberos::AsExchange> as_;
  std::optional<kerberos::TgsExchange> tgs_;
  bool kdc_refused_ = false;
  bool server_refused_ = false;
  std::optional<kerberos::Credential> credential_;
  std::deque<OpenRequest> open_;  ///< the newest at the back
  Bytes recovered_;               ///< the SA Recovered of the established association
  Bytes answered_reply_;          ///< and the AP Reply that it answers
  std::optional<keymgmt::SaKeys> keys_;
};

}  // namespace reveille::nodes
