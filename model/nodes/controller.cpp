// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/controller.hpp"

#include <algorithm>
#include <utility>

#include "reveille/kerberos/hash.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::nodes {

namespace {

bool is_open(const Controller::Session& session) {
  return session.stage != Controller::Stage::established && session.stage != Controller::Stage::failed;
}

/// To what is sent again until then: the AP Reply, or the Rekey.
bool waits_for_answer(const Controller::Session& session) {
  return session.stage == Controller::Stage::replied ||
         (session.stage == Controller::Stage::waking && session.rekeys && !session.rekey.empty());
}

}  // namespace

Controller::Controller(ControllerConfig config, kerberos::Service service, HostPort& core,
                       kerberos::RandomSource& random)
    : config_(config), service_(std::move(service)), core_(core), random_(random) {}

void Controller::wake(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi,
                      Time now) {
  begin(client, principal, doi, now);
  request_session(client, now);
}

void Controller::rekey(const net::Address& client, const kerberos::PrincipalName& principal, std::uint8_t doi,
                       Time now) {
  Session& session = begin(client, principal, doi, now);
  const auto peer = peers_.find(client);
  if (peer != peers_.end() && peer->second.principal == principal) {
    peer->second.associations.expire(now);
    const Association* newest = peer->second.associations.newest();
    session.rekeys = newest != nullptr && newest->doi == doi;
  }
  request_session(client, now);
}

Controller::Session& Controller::begin(const net::Address& client, const kerberos::PrincipalName& principal,
                                       std::uint8_t doi, Time now) {
  forget_jobs(client);
  wake_again_.erase(client);
  const auto known = sessions_.find(client);
  if (known == sessions_.end() || !is_open(known->second)) ++open_;
  counters_.most_open = std::max(counters_.most_open, open_);
  Session session;
  session.principal = principal;
  session.doi = doi;
  session.woken = now;
  return sessions_.insert_or_assign(client, std::move(session)).first->second;
}

const std::vector<Association>& Controller::associations(const net::Address& client) const {
  static const std::vector<Association> none;
  const auto peer = peers_.find(client);
  return peer == peers_.end() ? none : peer->second.associations.all();
}

void Controller::forget_jobs(const net::Address& client) {
  std::erase_if(jobs_, [&](const Job& job) { return job.client == client; });
}

void Controller::request_session(const net::Address& client, Time now) {
  Session& session = sessions_.at(client);
  session.begun = now;
  if (!session.rekeys) {
    const Command wake{.code = CommandCode::wake,
                       .client = client,
                       .lifetime = config_.session_lifetime_us,
                       .snmp = session.doi == keymgmt::doi_snmp};
    core_.command(wake, [this, client, now](ResultCode result) { has_begun(client, result, now); });
    return;
  }
  session.nonce = new_nonce();
  session.rekey.clear();
  const Command restore{.code = CommandCode::restore,
                        .client = client,
                        .lifetime = config_.session_lifetime_us,
                        .nonce = session.nonce,
                        .phase = Phase::outstanding,
                        .snmp = session.doi == keymgmt::doi_snmp};
  core_.command(restore, [this, client, now, nonce = session.nonce](ResultCode result) {
    if (!has_begun(client, result, now)) return;
    Session& begun = sessions_.at(client);
    if (begun.rekeys && begun.nonce == nonce) send_first_rekey(client, begun, now);
  });
}

bool Controller::has_begun(const net::Address& client, ResultCode result, Time now) {
  if (result == ResultCode::ok) ++counters_.sessions_begun;
  if (result == ResultCode::full) ++counters_.wakes_refused;
  Session& session = sessions_.at(client);
  if (!is_open(session)) return false;
  if (result == ResultCode::ok) return true;
  if (result == ResultCode::bad_argument) {
    end(client, session, Stage::failed, "cannot be woken", now);
  } else if (result == ResultCode::live) {
    begin_anew(client, session, now + config_.wake_retry);  // an old one of ours
  } else {
    wake_again_[client] = now + config_.wake_retry;  // room comes back when sessions end
  }
  return false;
}

void Controller::send_first_rekey(const net::Address& client, Session& session, Time now) {
  Peer& peer = peers_.at(client);
  const Association* newest = peer.associations.newest();
  if (newest == nullptr) {
    lose(client, session, "expired", now);  // it has ended meanwhile
    return;
  }
  // A timestamp counts once, and shows no part of a second.
  peer.last_rekey = std::max(now + clock_offset_, peer.last_rekey + kerberos::second);
  session.ours = new_application_data(session.doi, random_);
  keymgmt::Rekey message;
  message.doi = session.doi;
  message.server_nonce = session.nonce;
  message.server_principal = kerberos::to_string(service_.name());
  message.timestamp = keymgmt::to_timestamp(peer.last_rekey);
  message.application = session.ours;
  message.ciphersuites = keymgmt::supported_ciphersuites(session.doi);
  message.lifetime_s = config_.association_lifetime_s;
  message.grace_period_s = config_.grace_period_s;
  message.reestablish = config_.reestablish;
  session.rekey = keymgmt::seal(std::move(message), newest->subkey.octets());
  session.backoff = Backoff(now, config_.rekey_timeouts, config_.rekey_tries);
  ++counters_.rekeys;
  core_.send(client, session.rekey);
}

std::uint32_t Controller::new_nonce() {
  std::uint32_t nonce = 0;
  while (nonce == 0) nonce = ByteReader(random_.bytes(4)).u32("nonce");
  return nonce;
}

void Controller::begin_anew(const net::Address& client, Session& session, Time when) {
  session.stage = Stage::waking;
  session.rekey.clear();
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
      session->second.stage = Stage::opening;
      busy_until_ = std::max(busy_until_, now) + config_.service_time;
      jobs_.push_back({source, std::move(payload), busy_until_});
      break;
    case Verdict::resend:
      if (is_answered(session->second)) {
        ++counters_.resends;
        core_.send(source, session->second.ap_reply);
      }
      break;
    case Verdict::client_initiated: receive_initiated(source, session->second, std::move(payload), now); break;
    case Verdict::sa_recovered: receive_recovered(source, payload, now); break;
    default: ++counters_.stray_frames;
  }
}

bool Controller::is_answered(const Session& session) const {
  return session.stage == Stage::replied || (session.stage == Stage::established && !config_.acknowledgement);
}

void Controller::receive_initiated(const net::Address& client, Session& session, Bytes payload, Time now) {
  if (session.initiated && is_answered(session) && payload == session.request) {
    ++counters_.resends;
    core_.send(client, session.ap_reply);
    return;
  }
  // One at a time; and who is woken already has something to answer.
  const bool waits = std::ranges::any_of(jobs_, [&](const Job& job) { return job.client == client; });
  if (is_open(session) || waits) return;
  busy_until_ = std::max(busy_until_, now) + config_.service_time;
  jobs_.push_back({client, std::move(payload), busy_until_, true});
}

void Controller::receive_recovered(const net::Address& client, ByteView message, Time now) {
  Session& session = sessions_.at(client);
  if (session.stage != Stage::replied) return;
  const kerberos::OperationScope scope(operations_);
  // The core compared 64 bits; the host compares them all.
  if (kerberos::equal_constant_time(message, session.recovered)) {
    end(client, session, Stage::established, {}, now);
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
                        .phase = Phase::replied};
  core_.command(restore, [this, client, now](ResultCode result) {
    Session& current = sessions_.at(client);
    if (result == ResultCode::ok || current.stage != Stage::replied) return;
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
  if (session.stage == Stage::waking && happened >= session.begun) lose(client, session, "no answer", now);
}

bool Controller::has_session(const net::Address& client) const {
  const auto session = sessions_.find(client);
  return session != sessions_.end() && is_open(session->second) && !wake_again_.contains(client);
}

void Controller::lose(const net::Address& client, Session& session, const std::string& failure, Time now) {
  if (session.initiated) {
    session.stage = session.before;  // what was there before stays so
    session.initiated = false;
    --open_;
    leave(client, session);
    return;
  }
  if (std::exchange(session.rekeys, false)) {
    begin_anew(client, session, now + config_.wake_retry);  // by a Wake Up
    return;
  }
  if (session.rounds >= config_.wake_rounds) {
    end(client, session, Stage::failed, session.failure.empty() ? failure : session.failure, now);
    return;
  }
  ++session.rounds;
  begin_anew(client, session, now + config_.wake_retry);
}

void Controller::end(const net::Address& client, Session& session, Stage stage, std::string failure, Time now) {
  session.stage = stage;
  session.failure = std::move(failure);
  session.ended = now;
  --open_;
  wake_again_.erase(client);
  session.turn_back.reset();
  forget_jobs(client);
  if (stage == Stage::established && session.pending) {
    Peer& peer = peers_[client];
    if (peer.principal != session.principal) peer = Peer{.principal = session.principal, .associations = {}};
    peer.associations.expire(now);
    peer.associations.add(*std::exchange(session.pending, std::nullopt), session.replaces);
  }
  // Where no SA Recovered says that the AP Reply arrived, the core goes on taking the AP Request again.
  if (stage != Stage::established || config_.acknowledgement)
    core_.command({.code = CommandCode::close, .client = client}, {});
  if (on_ended) on_ended(client, session);
}

std::optional<Time> Controller::deadline() const {
  std::optional<Time> earliest;
  const auto consider = [&](Time time) { earliest = earliest ? std::min(*earliest, time) : time; };
  if (!jobs_.empty()) consider(jobs_.front().done);
  for (const auto& [client, time] : wake_again_) consider(time);
  for (const auto& [client, session] : sessions_) {
    if (waits_for_answer(session)) consider(session.backoff.deadline());
    if (session.turn_back) consider(*session.turn_back);
  }
  for (const auto& [client, peer] : peers_) {
    if (const auto end = peer.associations.deadline()) consider(*end);
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
    if (wake_again_.erase(client) != 0 && is_open(sessions_.at(client))) request_session(client, now);
  }
  due.clear();
  for (auto& [client, session] : sessions_) {
    if (!session.turn_back || *session.turn_back > now) continue;
    session.turn_back.reset();
    due.push_back(client);
  }
  for (const net::Address& client : due) {
    const Session& session = sessions_.at(client);
    if (session.stage == Stage::replied) {
      hear_recovered_again(client, session, now);
    } else {
      core_.command({.code = CommandCode::reject, .client = client}, {});
    }
  }
  due.clear();
  for (const auto& [client, session] : sessions_) {
    if (waits_for_answer(session) && session.backoff.due(now)) due.push_back(client);
  }
  for (const net::Address& client : due) {
    Session& session = sessions_.at(client);
    if (!waits_for_answer(session) || !session.backoff.due(now)) continue;
    const bool replied = session.stage == Stage::replied;
    if (session.backoff.retry(now)) {
      core_.send(client, replied ? session.ap_reply : session.rekey);
    } else {
      lose(client, session, replied ? "no SA Recovered" : "no answer to the Rekey", now);
    }
  }
  for (auto& [client, peer] : peers_) peer.associations.expire(now);
}

}  // namespace reveille::nodes
