// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "reveille/kerberos/operation_counter.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/nodes/association.hpp"
#include "reveille/nodes/datagram.hpp"
#include "reveille/nodes/host_port.hpp"
#include "reveille/nodes/signalling.hpp"
#include "reveille/verdict.hpp"

namespace reveille::nodes {

struct ControllerConfig {
  std::uint64_t session_lifetime_us = 30'000'000;
  Time service_time = 0;     ///< what it takes to open one AP Request
  Timeouts reply_timeouts;   ///< for SA Recovered
  unsigned reply_tries = 5;  ///< AP Replies after the first
  unsigned wake_rounds = 1;  ///< sessions that a client gets, each with a nonce of its own, before it is given up
  std::uint32_t association_lifetime_s = 86'400;
  std::uint32_t grace_period_s = 600;  ///< ahead of its end, in which another is made
  Timeouts rekey_timeouts;             ///< for the answer to a Rekey
  unsigned rekey_tries = 2;            ///< Rekeys after the first; then Wake Ups
  bool reestablish = false;            ///< CTAs are told to ask for the next one by themselves
  bool acknowledgement = true;         ///< and to send SA Recovered
  Time wake_retry = 1'000;  ///< to the next wake command, after a refused one or a session that came to nothing
};

/// The server (docs/protocol.md, part 1), behind the core: wakes clients, opens the AP Requests that the core lets
/// through, answers them, and checks SA Recovered. It opens one AP Request at a time.
/// A machine without a clock: every call is told the time, which never goes back; what the clock on the wall shows may,
/// and differs from it by the clock's offset. deadline() says when expire() wants to be called.
class Controller {
 public:
  /// Of a session as the controller has it; as the core has it, `reveille::Phase`.
  enum class Stage { waking, opening, replied, established, failed };

  /// A session as the controller remembers it, ended ones too.
  struct Session {
    Stage stage = Stage::waking;
    std::string failure;                ///< why it failed; a fixed set of words
    unsigned rejects = 0;               ///< AP Requests and SA Recovered that the core let through and proved false
    std::optional<Time> turn_back;      ///< when the core is told to take another
    unsigned rounds = 1;                ///< this one included
    kerberos::PrincipalName principal;  ///< whose ticket alone is this client's
    Time woken = 0;
    Time begun = 0;  ///< when the core was last told to wake it
    Time ended = 0;
    std::uint8_t doi = keymgmt::doi_ipsec;
    std::uint32_t nonce = 0;  ///< known once the client has brought it back
    std::optional<keymgmt::SaKeys> keys;
    std::optional<Association> pending;  ///< of the AP Reply; packets may come under it before SA Recovered does
    bool replaces = false;               ///< an association that the client says it has
    bool rekeys = false;                 ///< begun by a Rekey, until that came to nothing
    Bytes rekey;                         ///< as sent
    keymgmt::ApplicationData ours;       ///< that the Rekey announced
    bool initiated = false;              ///< by the client
    Stage before = Stage::failed;        ///< that
    Bytes request;                       ///< the client's own
    Bytes ap_reply;                      ///< as sent, for resending
    Bytes recovered;                     ///< the SA Recovered that a true client will send
    Backoff backoff;                     ///< of the AP Reply, or the Rekey
  };
  struct Counters {
    std::uint64_t sessions_begun = 0;  ///< wake commands that the core carried out
    std::uint64_t wakes_refused = 0;   ///< wake commands that found no room in the core, each repeated later
    std::size_t most_open = 0;         ///< the most sessions that were open at once
    std::uint64_t ap_requests_opened = 0;
    std::uint64_t ap_requests_refused = 0;  ///< by Kerberos or the HMAC
    std::uint64_t resends = 0;
    std::uint64_t rekeys = 0;     ///< sessions begun by a Rekey
    std::uint64_t initiated = 0;  ///< AP Requests opened that clients sent by themselves
    std::uint64_t messages = 0;   ///< of signalling, each answered
    std::uint64_t packets_refused = 0;
    std::uint64_t stray_frames = 0;  ///< what came from the core and is not key management: bypass
  };

  Controller(ControllerConfig config, kerberos::Service service, HostPort& core, kerberos::RandomSource& random);

  /// Begins a session with the client of that address, which has to prove that it is `principal` of the service's
  /// realm. A session that it has already is given up.
  void wake(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi, Time now);
  /// The same by a Rekey (docs/protocol.md, R2), if it holds an association with the client.
  void rekey(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi, Time now);
  /// The clock, which Kerberos goes by, has been set: what it shows, less the time of the calls.
  void set_clock_offset(Time offset) { clock_offset_ = offset; }
  /// A frame that the core let through.
  void receive(ByteView frame, Verdict verdict, Time now);
  /// The same of a datagram, where what lets it through stands behind a socket.
  void receive(const net::Address& source, Bytes payload, Verdict verdict, Time now);
  /// A packet under an association (DOI 1), which the guard lets pass; `own` is the address that it came to. A message
  /// in it is answered by on_packet.
  void receive_packet(const net::Address& source, const net::Address& own, ByteView packet);
  /// A message of signalling from `own` under the newest association with the client, by on_packet; none where it holds
  /// no association of DOI 1. It is up to the caller to say it again.
  void say(const net::Address& client, const net::Address& own, ByteView text);
  /// Events of the core's log, which tell when they happened: one may be of the client's session before.
  void session_expired(const net::Address& client, Time happened, Time now);
  void wake_failed(const net::Address& client, Time happened, Time now);

  [[nodiscard]] std::optional<Time> deadline() const;
  void expire(Time now);

  [[nodiscard]] const std::map<net::Address, Session>& sessions() const { return sessions_; }
  /// Those that it holds with the client.
  [[nodiscard]] const std::vector<Association>& associations(const net::Address& client) const;
  /// Sessions that are neither established nor failed.
  [[nodiscard]] std::size_t open_sessions() const { return open_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const kerberos::OperationCounter& operations() const { return operations_; }
  std::function<void(const net::Address&, const Session&)> on_ended;
  std::function<void(const net::Address& client, Bytes packet)> on_packet;
  /// What happened at a client's telephone, again where that is said again; and its answers to what it was told.
  std::function<void(const net::Address& client, const Notification&)> on_notification;
  std::function<void(const net::Address& client, std::uint32_t transaction)> on_answer;

 private:
  struct Job {
    net::Address client;
    Bytes message;
    Time done = 0;
    bool initiated = false;
  };
  /// What outlives a client's sessions.
  struct Peer {
    kerberos::PrincipalName principal;
    Associations associations;
    Time last_rekey = 0;  ///< its timestamp
  };

  Session& begin(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi, Time now);
  void request_session(const net::Address& client, Time now);
  /// What came of the command; whether the core has the session.
  bool has_begun(const net::Address& client, ResultCode result, Time now);
  void send_first_rekey(const net::Address& client, Session& session, Time now);
  [[nodiscard]] std::uint32_t new_nonce();
  /// Leaves the session that the core has; it gets another, with another nonce, at that time.
  void begin_anew(const net::Address& client, Session& session, Time when);
  /// Nothing that the core said or let through of its session counts any more.
  void leave(const net::Address& client, Session& session);
  void forget_jobs(const net::Address& client);
  /// Whether the client has a session that has not ended, in the core too.
  [[nodiscard]] bool has_session(const net::Address& client) const;
  /// Whether its AP Reply may have been lost.
  [[nodiscard]] bool is_answered(const Session& session) const;
  void receive_initiated(const net::Address& client, Session& session, Bytes payload, Time now);
  void open(const Job& job, Time now);
  void open_initiated(const Job& job, Session& session, Time now);
  /// Who sent it, and that this message is its own. Throws ProtocolError.
  [[nodiscard]] kerberos::AcceptedApRequest authenticate(const Job& job, const keymgmt::ApRequest& request,
                                                         const Session& session) const;
  void answer(const net::Address& client, Session& session, const keymgmt::ApRequest& request,
              const kerberos::AcceptedApRequest& accepted, Time now);
  void send_reply(const net::Address& client, Session& session, Time now);
  void refuse(const net::Address& client, Session& session, const kerberos::ProtocolError& error, Time now);
  /// The client gets another turn, with this nonce or, after a few rejects, a new one: somebody was ahead of it.
  void give_turn_back(const net::Address& client, Session& session, Time now);
  /// After one more reject: a wait by chance, on average twice as long each time; none after the first.
  [[nodiscard]] Time wait_for_turn(Session& session);
  /// The core took a false SA Recovered, and would take no other.
  void hear_recovered_again(const net::Address& client, const Session& session, Time now);
  void receive_recovered(const net::Address& client, ByteView message, Time now);
  void say_under(Association& association, const net::Address& client, const net::Address& own, ByteView text);
  /// The session came to nothing without anybody's fault: the next round, or the end.
  void lose(const net::Address& client, Session& session, const std::string& failure, Time now);
  void end(const net::Address& client, Session& session, Stage stage, std::string failure, Time now);

  ControllerConfig config_;
  kerberos::Service service_;
  HostPort& core_;
  kerberos::RandomSource& random_;
  std::map<net::Address, Session> sessions_;
  std::map<net::Address, Peer> peers_;
  std::deque<Job> jobs_;                     ///< AP Requests waiting for, or in, service
  std::map<net::Address, Time> wake_again_;  ///< clients that wait for their next wake command, and until when
  Time busy_until_ = 0;
  Time clock_offset_ = 0;
  std::size_t open_ = 0;
  Counters counters_;
  kerberos::OperationCounter operations_;
};

}  // namespace reveille::nodes
