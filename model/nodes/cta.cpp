// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/cta.hpp"

#include <algorithm>
#include <utility>

namespace reveille::nodes {

namespace {

/// AP Requests that a late AP Reply may still answer.
constexpr std::size_t open_requests = 64;

/// Whether another ticket may help. A KDC's reply does not seal the ticket in it: somebody may have put another there.
bool speaks_against_ticket(kerberos::ErrorCode code) {
  using kerberos::ErrorCode;
  return code == ErrorCode::bad_integrity || code == ErrorCode::ticket_expired || code == ErrorCode::bad_address ||
         code == ErrorCode::bad_key_version || code == ErrorCode::no_key || code == ErrorCode::ticket_not_yet_valid;
}

}  // namespace

std::string to_string(AbortReason reason) {
  switch (reason) {
    case AbortReason::none: return "none";
    case AbortReason::no_reply: return "no AP Reply";
    case AbortReason::kdc_silent: return "KDC silent";
    case AbortReason::kdc_refused: return "KDC refused";
    case AbortReason::server_refused: return "server refused";
  }
  return "unknown";
}

Cta::Cta(CtaConfig config, kerberos::RandomSource& random)
    : config_(std::move(config)),
      random_(random),
      answers_(config_.answer_interval, config_.answer_burst),
      renewals_(config_.renewal_interval, 1),
      heard_(random),
      credential_(config_.credential),
      rekey_answers_(config_.answer_interval, config_.answer_burst),
      initiated_(!config_.initiate) {}

void Cta::receive(const Datagram& datagram, Time now, const Send& send) {
  try {
    if (datagram.source == config_.kdc) {
      receive_kdc(datagram.payload, now, send);
    } else if (datagram.source == Endpoint{config_.server.address, esp_port}) {
      receive_packet(datagram.payload, now, send);
    } else if (datagram.source == config_.server) {
      receive_server(datagram.payload, now, send);
    }
  } catch (const kerberos::ProtocolError&) {
    ++counters_.refused_errors;
  } catch (const Error&) {
    ++counters_.refused_malformed;
  }
}

void Cta::receive_server(ByteView octets, Time now, const Send& send) {
  const keymgmt::Message message = keymgmt::decode(octets);
  if (const auto* wakeup = std::get_if<keymgmt::WakeUp>(&message)) {
    receive_wakeup(*wakeup, now, send);
  } else if (std::holds_alternative<keymgmt::ApReply>(message)) {
    receive_reply(octets, now, send);
  } else if (const auto* rekey = std::get_if<keymgmt::Rekey>(&message)) {
    receive_rekey(octets, *rekey, now, send);
  } else if (const auto* error = std::get_if<keymgmt::ErrorReply>(&message)) {
    receive_error(*error);
  }
}

void Cta::receive_wakeup(const keymgmt::WakeUp& wakeup, Time now, const Send& send) {
  ++counters_.wakeups;
  if (wakeup.server_nonce == 0) {
    // Answered, it would become a client-initiated request (docs/protocol.md, part 1).
    ++counters_.refused_zero_nonce;
    return;
  }
  if (wakeup.doi != config_.doi || wakeup.server_principal != kerberos::to_string(config_.server_principal)) {
    ++counters_.refused_malformed;
    return;
  }
  if (!busy() && state_ != State::waiting_for_turn) {
    heard_.clear();
    state_ = State::waiting_for_turn;
  }
  if (!heard_.hear(wakeup.server_nonce)) ++counters_.forgotten;
  const std::uint64_t answered = counters_.ap_requests + counters_.kdc_requests;
  go_on(now, send);
  const bool waits =
      state_ == State::waiting_for_turn || (state_ == State::waiting_for_reply && heard_.is_one_urgent());
  if (waits && answered == counters_.ap_requests + counters_.kdc_requests) ++counters_.refused_rate;
}

const Cta::OpenRequest* Cta::open_request(std::uint32_t nonce) const {
  const auto found = std::ranges::find_if(
      open_, [&](const OpenRequest& open) { return open.nonce == nonce && open.ticket == credential_->ticket; });
  return found == open_.end() ? nullptr : &*found;
}

void Cta::go_on(Time now, const Send& send) {
  if (state_ == State::waiting_for_turn) {
    if (answers_.take(now)) begin(now, send);
  } else if (state_ == State::waiting_for_reply && heard_.is_one_urgent()) {
    if (answers_.take(now)) take_turn(true, now, send);
  }
}

void Cta::begin(Time now, const Send& send) {
  server_refused_ = false;
  ticket_renewed_ = false;
  if (other_ && other_->endtime <= clock(now)) other_.reset();
  if (has_ticket(now)) {
    take_turn(true, now, send);
  } else {
    credential_.reset();
    begin_kdc_exchange(now, send);
  }
}

void Cta::take_turn(bool paid, Time now, const Send& send) {
  if (ticket_doubted_ && renews_ticket(now)) {
    begin_kdc_exchange(now, send);
    return;
  }
  if (ticket_doubted_ && other_) {
    std::swap(credential_, other_);
    ticket_doubted_ = false;
  }
  state_ = State::waiting_for_reply;
  const std::uint32_t nonce = heard_.take_turn();
  if (const OpenRequest* open = open_request(nonce)) {
    send(to_server(open->octets));
  } else {
    // The first answer to a Wake Up does not inherit the long time-out of another that was in vain.
    if (paid || answers_.take(now)) backoff_ = Backoff(now, config_.timeouts, config_.tries);
    send_ap_request(nonce, now, send);
  }
}

void Cta::send_ap_request(std::uint32_t nonce, Time now, const Send& send) {
  OpenRequest open{nonce,
                   credential_->ticket,
                   {},
                   kerberos::make_ap_request(*credential_, client_clock_.next(clock(now)), {}, random_),
                   {}};

  keymgmt::ApRequest request;
  request.doi = config_.doi;
  request.ap_req = open.sent.octets;
  request.server_nonce = nonce;
  request.application = open.ours = new_application_data(config_.doi, random_);
  request.ciphersuites = keymgmt::supported_ciphersuites(config_.doi);
  if (rekey_ && nonce == rekey_->nonce) {
    std::erase_if(request.ciphersuites, [this](const keymgmt::Ciphersuite& suite) {
      return std::ranges::find(rekey_->ciphersuites, suite) == rekey_->ciphersuites.end();
    });
  }
  request.reestablish = open.replaces = associations_.newest() != nullptr;
  open.octets = keymgmt::seal(std::move(request), open.sent.session_key.octets());

  ++counters_.ap_requests;
  send(to_server(open.octets));
  open_.push_back(std::move(open));
  if (open_.size() > open_requests) open_.pop_front();
}

void Cta::receive_reply(ByteView octets, Time now, const Send& send) {
  if (!answered_reply_.empty() && std::ranges::equal(octets, answered_reply_)) {
    if (recovered_.empty()) return;  // it is a copy: the server wants no answer
    // The server did not hear us: our SA Recovered was lost.
    ++counters_.recovered_sent;
    send(to_server(recovered_));
    return;
  }
  if (open_.empty()) return;
  try {
    const auto reply = keymgmt::decode_as<keymgmt::ApReply>(octets);
    const auto offered = keymgmt::supported_ciphersuites(config_.doi);
    if (reply.doi != config_.doi || reply.ciphersuites.size() != 1 ||
        std::ranges::find(offered, reply.ciphersuites.front()) == offered.end()) {
      throw Error(ErrorKind::protocol, "a ciphersuite that was not offered");
    }
    // Few tickets stand behind many requests, and the HMAC tells which one this answers.
    const kerberos::Key* tried = nullptr;
    for (const OpenRequest& open : open_) {
      if (tried != nullptr && *tried == open.sent.session_key) continue;
      tried = &open.sent.session_key;
      if (!keymgmt::has_true_hmac(octets, keymgmt::ap_hmac_key(tried->octets()))) continue;
      const kerberos::EncApReplyPart part = kerberos::open_ap_reply(reply.ap_rep, *tried);
      const auto ours = std::ranges::find_if(open_, [&](const OpenRequest& request) {
        return request.sent.client_nonce == part.ctime && request.sent.session_key == *tried;
      });
      if (ours == open_.end() || !part.subkey) continue;
      proved_ = *tried;
      const OpenRequest answered = std::move(*ours);
      open_.erase(open_.begin(), std::next(ours));  // and those before it; `tried` is gone with them
      establish(octets, reply, *part.subkey, answered, now, send);
      return;
    }
    ++counters_.false_replies;
  } catch (const Error&) {  // as any other that is not true
    ++counters_.false_replies;
  }
}

void Cta::establish(ByteView octets, const keymgmt::ApReply& reply, const kerberos::Key& subkey,
                    const OpenRequest& request, Time now, const Send& send) {
  associations_.expire(now);
  associations_.add(make_association({.doi = reply.doi,
                                      .suite = reply.ciphersuites.front(),
                                      .lifetime_s = reply.lifetime_s,
                                      .grace_period_s = reply.grace_period_s,
                                      .reestablish = reply.reestablish,
                                      .ours = request.ours,
                                      .theirs = reply.application},
                                     subkey, Role::cta, now),
                    request.replaces);
  if (signals() && !next_message_) next_message_ = now;
  ++counters_.established;
  if (rekey_ && rekey_->nonce == request.nonce) rekey_.reset();
  initiation_.reset();
  initiated_ = !reply.reestablish;
  ticket_doubted_ = false;  // the server took it
  if (renewing_ && state_ == State::asking_kdc) {
    before_renewal_ = State::established;
  } else if (state_ != State::waiting_for_turn) {
    state_ = State::established;
  }
  answered_reply_.assign(octets.begin(), octets.end());
  recovered_.clear();
  if (!reply.acknowledgement_required) return;
  recovered_ = keymgmt::make_sa_recovered(octets, subkey.octets());
  ++counters_.recovered_sent;
  send(to_server(recovered_));
}

void Cta::receive_error(const keymgmt::ErrorReply& error) {
  if (state_ != State::waiting_for_reply) return;
  ++counters_.refused_errors;
  server_refused_ = true;
  const kerberos::ErrorCode code = kerberos::decode_krb_error(error.krb_error).code;
  // The KDC tells the time, too.
  const bool speaks_against_clock = config_.learns_time && code == kerberos::ErrorCode::clock_skew;
  if (speaks_against_ticket(code) || speaks_against_clock) ticket_doubted_ = true;
}

std::optional<Time> Cta::deadline() const {
  std::optional<Time> earliest;
  const std::optional<Time> message = unanswered_ ? unanswered_->deadline() : next_message_;
  for (const auto& each : {exchange_deadline(), initiation(), associations_.deadline(), message}) {
    if (each) earliest = earliest ? std::min(*earliest, *each) : *each;
  }
  return earliest;
}

std::optional<Time> Cta::exchange_deadline() const {
  if (state_ == State::waiting_for_turn) return answers_.next();
  if (!busy()) return renewal();
  if (state_ == State::waiting_for_reply && heard_.is_one_urgent()) {
    return std::min(backoff_.deadline(), answers_.next());
  }
  return backoff_.deadline();
}

void Cta::expire(Time now, const Send& send) {
  expire_associations(now);
  if (const std::optional<Time> due = initiation(); due && *due <= now) initiate(now, send);
  signal(now, send);
  go_on(now, send);
  if (busy() && backoff_.due(now)) time_out(now, send);
  if (const std::optional<Time> due = renewal(); due && *due <= now) begin_renewal(now, send);
}

void Cta::time_out(Time now, const Send& send) {
  if (renewing_) {
    end_renewal(now, send);
    return;
  }
  const bool again = backoff_.retry(now);
  if (state_ == State::asking_kdc && again) {
    // The refusal may be true: somebody may have put another ticket-granting ticket into the KDC's reply.
    if (tgs_ && kdc_refused_ && other_granting_) {
      begin_tgs_exchange(*std::exchange(other_granting_, std::nullopt));
    } else if (tgs_ && kdc_refused_ && !std::exchange(asked_anew_, true)) {
      begin_as_exchange();
    }
    ask_kdc(now, send);
  } else if (state_ == State::asking_kdc && credential_) {
    // Only somebody's word had spoken against the ticket that it holds.
    backoff_ = Backoff(now, config_.timeouts, config_.tries);
    take_turn(true, now, send);
  } else if (state_ == State::asking_kdc) {
    abort(kdc_refused_ ? AbortReason::kdc_refused : AbortReason::kdc_silent);
  } else if (again) {
    take_turn(false, now, send);
  } else if (heard_.is_one_unanswered() && answers_.take(now)) {
    take_turn(true, now, send);
  } else {
    abort(server_refused_ ? AbortReason::server_refused : AbortReason::no_reply);
  }
}

void Cta::abort(AbortReason reason) {
  abort_reason_ = reason;
  open_.clear();
  // What was established before this exchange stays so.
  state_ = associations_.newest() != nullptr ? State::established : State::aborted;
}

Datagram Cta::to_server(Bytes payload) const {
  return {{config_.address, key_management_port}, config_.server, std::move(payload)};
}

}  // namespace reveille::nodes
