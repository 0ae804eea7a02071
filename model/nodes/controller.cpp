// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/controller.hpp"

#include <algorithm>

#include "reveille/kerberos/hash.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::nodes {

namespace {

/// AP Requests that bring a nonce back and prove false, before the client gets a new one.
constexpr unsigned rejects_per_nonce = 4;
/// The wait after a false one doubles, so often at most.
constexpr unsigned longest_wait_shift = 8;

bool is_open(const Controller::Session& session) {
  return session.phase != Controller::Phase::established && session.phase != Controller::Phase::failed;
}

/// Of a client that proved itself: its clock is wrong, or there is no common ciphersuite.
bool is_for_good(kerberos::ErrorCode code) {
  return code == kerberos::ErrorCode::clock_skew || code == kerberos::ErrorCode::generic;
}

keymgmt::ApplicationData application_data(std::uint8_t doi, kerberos::RandomSource& random) {
  if (doi == keymgmt::doi_ipsec) return keymgmt::IpsecData{ByteReader(random.bytes(4)).u32("SPI")};
  keymgmt::SnmpData snmp;
  snmp.engine_id = {0x80, 0x00, 0x7E, 0xD9, 0x05};  // RFC 3411: octets; the enterprise is that of RFC 5612
  append(snmp.engine_id, random.bytes(7));
  snmp.user_name = "mta-prov";
  return snmp;
}

}  // namespace

Controller::Controller(ControllerConfig config, kerberos::Service service, HostPort& core,
                       kerberos::RandomSource& random)
    : config_(config), service_(std::move(service)), core_(core), random_(random) {}

void Controller::wake(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi,
                      Time now) {
  forget_jobs(client);
  wake_again_.erase(client);
  const auto known = sessions_.find(client);
  if (known == sessions_.end() || !is_open(known->second)) ++open_;
  counters_.most_open = std::max(counters_.most_open, open_);
  Session session;
  session.principal = principal;
  session.doi = doi;
  session.woken = now;
  sessions_.insert_or_assign(client, std::move(session));
  request_wake(client, now);
}

void Controller::forget_jobs(const net::Address& client) {
  std::erase_if(jobs_, [&](const Job& job) { return job.client == client; });
}

void Controller::request_wake(const net::Address& client, Time now) {
  sessions_.at(client).begun = now;
  const Command wake{.code = CommandCode::wake,
                     .client = client,
                     .lifetime = config_.session_lifetime_us,
                     .snmp = sessions_.at(client).doi == keymgmt::doi_snmp};
  core_.command(wake, [this, client, now](ResultCode result) {
    if (result == ResultCode::ok) ++counters_.sessions_begun;
    if (result == ResultCode::full) ++counters_.wakes_refused;
    Session& session = sessions_.at(client);
    if (result == ResultCode::ok || !is_open(session)) return;
    if (result == ResultCode::bad_argument) {
      end(client, session, Phase::failed, "cannot be woken", now);
    } else if (result == ResultCode::live) {
      begin_anew(client, session, now + config_.wake_retry);  // an old one of ours
    } else {
      wake_again_[client] = now + config_.wake_retry;  // room comes back when sessions end
    }
  });
}

void Controller::begin_anew(const net::Address& client, Session& session, Time when) {
  session.phase = Phase::waking;
  leave(client, session);
  wake_again_[client] = when;
}

void Controller::leave(const net::Address& client, Session& session) {
  session.turn_back.reset();
  forget_jobs(client);
  core_.command({.code = CommandCode::close, .client = client}, {});
}

void Controller::receive(ByteView frame, Verdict verdict, Time now) {
  net::UdpDatagram datagram;
  try {
    datagram = net::parse(frame);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    ++counters_.stray_frames;
    return;
  }
  receive(datagram.source, std::move(datagram.payload), verdict, now);
}

void Controller::receive(const net::Address& source, Bytes payload, Verdict verdict, Time now) {
  const auto session = sessions_.find(source);
  if (session == sessions_.end()) {
    ++counters_.stray_frames;
    return;
  }
  switch (verdict) {
    case Verdict::accepted:
      if (!has_session(source)) break;  // it was on its way when its session ended
      forget_jobs(source);              // the core takes one of a session: what waits is of the one before
      session->second.phase = Phase::opening;
      busy_until_ = std::max(busy_until_, now) + config_.service_time;
      jobs_.push_back({source, std::move(payload), busy_until_});
      break;
    case Verdict::resend:
      if (session->second.phase == Phase::replied) {
        ++counters_.resends;
        core_.send(source, session->second.ap_reply);
      }
      break;
    case Verdict::sa_recovered: receive_recovered(source, payload, now); break;
    default: ++counters_.stray_frames;
  }
}

void Controller::open(const Job& job, Time now) {
  Session& session = sessions_.at(job.client);
  const kerberos::OperationScope scope(operations_);
  ++counters_.ap_requests_opened;
  try {
    const auto request = keymgmt::decode_as<keymgmt::ApRequest>(job.message);
    const kerberos::AcceptedApRequest accepted = authenticate(job, request, session);
    try {
      service_.admit(accepted, now + clock_offset_);
      answer(job.client, session, request, accepted, now);
    } catch (const kerberos::ProtocolError& error) {
      if (!is_for_good(error.code())) throw;
      refuse(job.client, session, error, now);
      // This is the client, with its own nonce, and asking again mends nothing.
      end(job.client, session, Phase::failed, session.failure, now);
    }
  } catch (const kerberos::ProtocolError& error) {
    refuse(job.client, session, error, now);
    give_turn_back(job.client, session, now);
  } catch (const Error& error) {
    refuse(job.client, session, kerberos::ProtocolError(kerberos::ErrorCode::bad_message_type, error.what()), now);
    give_turn_back(job.client, session, now);
  }
}

kerberos::AcceptedApRequest Controller::authenticate(const Job& job, const keymgmt::ApRequest& request,
                                                     const Session& session) const {
  kerberos::AcceptedApRequest accepted = service_.open(request.ap_req, kerberos_address(job.client));
  // The HMAC before all that depends on the time: it covers the nonce of this session, so that an AP-REQ of an earlier
  // one, or a changed copy of the true message, is told from the client itself.
  if (!keymgmt::has_true_hmac(job.message, keymgmt::ap_hmac_key(accepted.session_key.octets()))) {
    throw kerberos::ProtocolError(kerberos::ErrorCode::modified, "HMAC of the AP Request");
  }
  if (accepted.crealm != service_.realm() || accepted.cname != session.principal) {
    throw kerberos::ProtocolError(kerberos::ErrorCode::bad_match, "the ticket is another client's");
  }
  return accepted;
}

void Controller::answer(const net::Address& client, Session& session, const keymgmt::ApRequest& request,
                        const kerberos::AcceptedApRequest& accepted, Time now) {
  const auto suite = keymgmt::select_ciphersuite(request.doi, request.ciphersuites);
  if (!suite || request.doi != session.doi) {
    throw kerberos::ProtocolError(kerberos::ErrorCode::generic, "no common ciphersuite");
  }
  const kerberos::Key subkey = kerberos::Key::random(accepted.session_key.etype(), random_);
  keymgmt::ApReply reply;
  reply.doi = request.doi;
  reply.version = request.version;
  reply.ap_rep = kerberos::Service::reply(accepted, subkey, {}, random_);
  reply.application = application_data(request.doi, random_);
  reply.ciphersuites = {*suite};
  reply.lifetime_s = config_.association_lifetime_s;
  reply.grace_period_s = config_.grace_period_s;
  session.nonce = request.server_nonce;
  session.ap_reply = keymgmt::seal(std::move(reply), accepted.session_key.octets());
  session.recovered = keymgmt::make_sa_recovered(session.ap_reply, subkey.octets());
  session.keys = keymgmt::derive_sa_keys(subkey.octets(), request.doi, *suite);

  // The tag first: no SA Recovered can come before the AP Reply has left.
  const Command reply_sent{
      .code = CommandCode::reply, .client = client, .tag = keymgmt::expected_tag(session.recovered)};
  core_.command(reply_sent, [this, client, now](ResultCode result) {
    Session& current = sessions_.at(client);
    if (current.phase != Phase::opening) return;
    if (result == ResultCode::wrong_state) {
      current.phase = Phase::waking;  // what was opened is of the session before, and the core waits for this one's
      return;
    }
    if (result != ResultCode::ok) {
      lose(client, current, "session lost in the core", now);
      return;
    }
    current.phase = Phase::replied;
    current.backoff = Backoff(now, config_.reply_timeouts, config_.reply_tries);
    core_.send(client, current.ap_reply);
  });
}

void Controller::refuse(const net::Address& client, Session& session, const kerberos::ProtocolError& error, Time now) {
  ++counters_.ap_requests_refused;
  session.phase = Phase::waking;
  session.failure = "refused: " + kerberos::to_string(error.code());
  keymgmt::ErrorReply reply;
  reply.doi = session.doi;
  reply.krb_error = service_.error(error.code(), now + clock_offset_, error.what());
  core_.send(client, keymgmt::encode(reply));
}

void Controller::give_turn_back(const net::Address& client, Session& session, Time now) {
  const Time turn = now + wait_for_turn(session);
  if (session.rejects % rejects_per_nonce == 0) {
    begin_anew(client, session, turn);  // with another nonce: somebody knows this one
  } else {
    session.turn_back = turn;
  }
}

Time Controller::wait_for_turn(Session& session) {
  if (++session.rejects == 1) return 0;
  // Who hears the nonce would have us decrypt for ever; and he shall not know when he has to be ahead of the client.
  const Time average = config_.wake_retry << std::min(session.rejects - 2, longest_wait_shift);
  return random_.nonce() % (2 * average + 1);
}

void Controller::receive_recovered(const net::Address& client, ByteView message, Time now) {
  Session& session = sessions_.at(client);
  if (session.phase != Phase::replied) return;
  const kerberos::OperationScope scope(operations_);
  // The core compared 64 bits; the host compares them all.
  if (kerberos::equal_constant_time(message, session.recovered)) {
    end(client, session, Phase::established, {}, now);
  } else {
    give_turn_back(client, session, now);  // a changed copy of the true one, which may be right behind
  }
}

void Controller::hear_recovered_again(const net::Address& client, const Session& session, Time now) {
  const Time left = session.begun + static_cast<Time>(config_.session_lifetime_us) - now;
  if (left <= 0) return;  // the core says so itself
  core_.command({.code = CommandCode::close, .client = client}, {});
  const Command restore{.code = CommandCode::restore,
                        .client = client,
                        .lifetime = static_cast<std::uint64_t>(left),
                        .tag = keymgmt::expected_tag(session.recovered),
                        .nonce = session.nonce,
                        .phase = reveille::Phase::replied};
  core_.command(restore, [this, client, now](ResultCode result) {
    Session& current = sessions_.at(client);
    if (result == ResultCode::ok || current.phase != Phase::replied) return;
    lose(client, current, "session lost in the core", now);
  });
}

void Controller::session_expired(const net::Address& client, Time happened, Time now) {
  if (!has_session(client)) return;
  Session& session = sessions_.at(client);
  // The core's clock is not ours to the microsecond.
  const bool too_early = happened < session.begun + static_cast<Time>(config_.session_lifetime_us / 2);
  if (!too_early) lose(client, session, "expired", now);
}

void Controller::wake_failed(const net::Address& client, Time happened, Time now) {
  if (!has_session(client)) return;
  Session& session = sessions_.at(client);
  if (session.phase == Phase::waking && happened >= session.begun) lose(client, session, "no answer", now);
}

bool Controller::has_session(const net::Address& client) const {
  const auto session = sessions_.find(client);
  return session != sessions_.end() && is_open(session->second) && !wake_again_.contains(client);
}

void Controller::lose(const net::Address& client, Session& session, const std::string& failure, Time now) {
  if (session.rounds >= config_.wake_rounds) {
    end(client, session, Phase::failed, session.failure.empty() ? failure : session.failure, now);
    return;
  }
  ++session.rounds;
  begin_anew(client, session, now + config_.wake_retry);
}

void Controller::end(const net::Address& client, Session& session, Phase phase, std::string failure, Time now) {
  session.phase = phase;
  session.failure = std::move(failure);
  session.ended = now;
  --open_;
  wake_again_.erase(client);
  leave(client, session);
  if (on_ended) on_ended(client, session);
}

std::optional<Time> Controller::deadline() const {
  std::optional<Time> earliest;
  const auto consider = [&](Time time) { earliest = earliest ? std::min(*earliest, time) : time; };
  if (!jobs_.empty()) consider(jobs_.front().done);
  for (const auto& [client, time] : wake_again_) consider(time);
  for (const auto& [client, session] : sessions_) {
    if (session.phase == Phase::replied) consider(session.backoff.deadline());
    if (session.turn_back) consider(*session.turn_back);
  }
  return earliest;
}

void Controller::expire(Time now) {
  while (!jobs_.empty() && jobs_.front().done <= now) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    open(job, now);
  }
  // Each list is taken as it stands before anything is done about it: a host may answer a command, and a user wake a
  // client, before the call returns.
  std::vector<net::Address> due;
  for (const auto& [client, time] : wake_again_) {
    if (time <= now) due.push_back(client);
  }
  for (const net::Address& client : due) {
    if (wake_again_.erase(client) != 0 && is_open(sessions_.at(client))) request_wake(client, now);
  }
  due.clear();
  for (auto& [client, session] : sessions_) {
    if (!session.turn_back || *session.turn_back > now) continue;
    session.turn_back.reset();
    due.push_back(client);
  }
  for (const net::Address& client : due) {
    const Session& session = sessions_.at(client);
    if (session.phase == Phase::replied) {
      hear_recovered_again(client, session, now);
    } else {
      core_.command({.code = CommandCode::reject, .client = client}, {});
    }
  }
  due.clear();
  for (const auto& [client, session] : sessions_) {
    if (session.phase == Phase::replied && session.backoff.due(now)) due.push_back(client);
  }
  for (const net::Address& client : due) {
    Session& session = sessions_.at(client);
    if (session.phase != Phase::replied || !session.backoff.due(now)) continue;
    if (session.backoff.retry(now)) {
      core_.send(client, session.ap_reply);
    } else {
      lose(client, session, "no SA Recovered", now);
    }
  }
}

}  // namespace reveille::nodes
