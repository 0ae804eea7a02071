// SPDX-License-Identifier: Apache-2.0
// What a controller makes of an AP Request: it is opened, and answered or refused.
#include <algorithm>

#include "reveille/nodes/controller.hpp"

namespace reveille::nodes {

namespace {

/// AP Requests that bring a nonce back and prove false, before the client gets a new one.
constexpr unsigned rejects_per_nonce = 4;
/// The wait after a false one doubles, so often at most.
constexpr unsigned longest_wait_shift = 8;

/// Of a client that proved itself: its clock is wrong, or there is no common ciphersuite.
bool is_for_good(kerberos::ErrorCode code) {
  return code == kerberos::ErrorCode::clock_skew || code == kerberos::ErrorCode::generic;
}

keymgmt::Ciphersuite common_ciphersuite(const keymgmt::ApRequest& request, std::uint8_t doi) {
  const auto suite = keymgmt::select_ciphersuite(request.doi, request.ciphersuites);
  if (suite && request.doi == doi) return *suite;
  throw kerberos::ProtocolError(kerberos::ErrorCode::generic, "no common ciphersuite");
}

}  // namespace

void Controller::open_initiated(const Job& job, Session& session, Time now) {
  ++counters_.initiated;
  try {
    const auto request = keymgmt::decode_as<keymgmt::ApRequest>(job.message);
    const kerberos::AcceptedApRequest accepted = authenticate(job, request, session);
    service_.admit(accepted, now + clock_offset_);
    (void)common_ciphersuite(request, session.doi);
    ++open_;
    counters_.most_open = std::max(counters_.most_open, open_);
    Session next;
    next.principal = session.principal;
    next.doi = session.doi;
    next.woken = next.begun = now;
    next.initiated = true;
    next.before = session.stage;
    next.stage = Stage::opening;
    next.request = job.message;
    session = std::move(next);
    answer(job.client, session, request, accepted, now);
  } catch (const Error&) {
    ++counters_.ap_requests_refused;  // nobody is told: anybody may have sent it
  }
}

void Controller::open(const Job& job, Time now) {
  Session& session = sessions_.at(job.client);
  const kerberos::OperationScope scope(operations_);
  if (job.initiated) {
    open_initiated(job, session, now);
    return;
  }
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
      end(job.client, session, Stage::failed, session.failure, now);
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
  const keymgmt::Ciphersuite suite = common_ciphersuite(request, session.doi);
  const kerberos::Key subkey = kerberos::Key::random(accepted.session_key.etype(), random_);
  keymgmt::ApReply reply;
  reply.doi = request.doi;
  reply.version = request.version;
  reply.ap_rep = kerberos::Service::reply(accepted, subkey, {}, random_);
  reply.application = session.rekeys ? session.ours : new_application_data(request.doi, random_);
  reply.ciphersuites = {suite};
  reply.lifetime_s = config_.association_lifetime_s;
  reply.grace_period_s = config_.grace_period_s;
  reply.reestablish = config_.reestablish;
  reply.acknowledgement_required = config_.acknowledgement;
  session.nonce = session.initiated ? new_nonce() : request.server_nonce;
  session.replaces = request.reestablish;
  session.pending = make_association({.doi = request.doi,
                                      .suite = suite,
                                      .lifetime_s = reply.lifetime_s,
                                      .grace_period_s = reply.grace_period_s,
                                      .reestablish = reply.reestablish,
                                      .ours = reply.application,
                                      .theirs = request.application},
                                     subkey, Role::controller, now);
  session.keys = session.pending->keys;
  session.ap_reply = keymgmt::seal(std::move(reply), accepted.session_key.octets());
  session.recovered = keymgmt::make_sa_recovered(session.ap_reply, subkey.octets());

  // The tag first: no SA Recovered can come before the AP Reply has left.
  const auto done = [this, client, now](ResultCode result) {
    Session& current = sessions_.at(client);
    if (current.stage != Stage::opening) return;
    if (result == ResultCode::wrong_state) {
      current.stage = Stage::waking;  // what was opened is of the session before, and the core waits for this one's
      return;
    }
    if (result != ResultCode::ok) {
      lose(client, current, "session lost in the core", now);
      return;
    }
    send_reply(client, current, now);
  };
  const std::uint64_t tag = keymgmt::expected_tag(session.recovered);
  if (!session.initiated) {
    core_.command({.code = CommandCode::reply, .client = client, .tag = tag}, done);
  } else if (config_.acknowledgement) {
    core_.command({.code = CommandCode::close, .client = client}, {});
    core_.command({.code = CommandCode::restore,
                   .client = client,
                   .lifetime = config_.session_lifetime_us,
                   .tag = tag,
                   .nonce = session.nonce,
                   .phase = Phase::replied},
                  done);
  } else {
    send_reply(client, session, now);
  }
}

void Controller::send_reply(const net::Address& client, Session& session, Time now) {
  session.stage = Stage::replied;
  session.backoff = Backoff(now, config_.reply_timeouts, config_.reply_tries);
  core_.send(client, session.ap_reply);
  if (!config_.acknowledgement) end(client, session, Stage::established, {}, now);
}

void Controller::refuse(const net::Address& client, Session& session, const kerberos::ProtocolError& error, Time now) {
  ++counters_.ap_requests_refused;
  session.stage = Stage::waking;
  session.failure = "refused: " + kerberos::to_string(error.code());
  keymgmt::ErrorReply reply;
  reply.doi = session.doi;
  reply.krb_error = service_.error(error.code(), now + clock_offset_, error.what());
  core_.send(client, keymgmt::encode(reply));
}

void Controller::give_turn_back(const net::Address& client, Session& session, Time now) {
  const Time turn = now + wait_for_turn(session);
  if (session.rejects % rejects_per_nonce == 0 && !session.initiated) {
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

}  // namespace reveille::nodes
