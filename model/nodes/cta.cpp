// SPDX-License-Identifier: Apache-2.0
#include "nodes/cta.hpp"

#include <algorithm>

namespace reveille::nodes {

namespace {

/// AP Requests that a late AP Reply may still answer.
constexpr std::size_t open_requests = 3;
/// Server nonces that it remembers while it is busy.
constexpr std::size_t heard_nonces = 4;

keymgmt::ApplicationData application_data(std::uint8_t doi, kerberos::RandomSource& random) {
  if (doi == keymgmt::doi_ipsec) return keymgmt::IpsecData{ByteReader(random.bytes(4)).u32("SPI")};
  keymgmt::SnmpData snmp;
  snmp.engine_id = {0x80, 0x00, 0x7E, 0xD9, 0x05};  // RFC 3411: octets; the enterprise is that of RFC 5612
  append(snmp.engine_id, random.bytes(7));
  snmp.engine_boots = 1;
  snmp.user_name = "mta-prov";
  return snmp;
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
    : config_(std::move(config)), random_(random), credential_(config_.credential) {}

void Cta::receive(const Datagram& datagram, Time now, const Send& send) {
  if (datagram.source == config_.kdc) {
    receive_kdc(datagram.payload, now, send);
    return;
  }
  if (datagram.source != config_.server) return;
  try {
    const keymgmt::Message message = keymgmt::decode(datagram.payload);
    if (const auto* wakeup = std::get_if<keymgmt::WakeUp>(&message)) {
      receive_wakeup(*wakeup, now, send);
    } else if (std::holds_alternative<keymgmt::ApReply>(message)) {
      receive_reply(datagram.payload, send);
    } else if (const auto* error = std::get_if<keymgmt::ErrorReply>(&message)) {
      receive_error(*error, now, send);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    ++counters_.refused_malformed;
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
  const bool busy = state_ == State::asking_kdc || state_ == State::waiting_for_reply;
  if (!busy) heard_.clear();
  hear(wakeup.server_nonce);
  const OpenRequest* open = state_ == State::waiting_for_reply ? open_request(wakeup.server_nonce) : nullptr;
  if (busy && open == nullptr) return;  // its turn may come
  if (!may_answer(now)) {
    ++counters_.refused_rate;
    return;
  }
  if (open != nullptr) {
    // The server says it again: our AP Request, or its AP Reply, was lost.
    send(to_server(open->octets));
    return;
  }
  begin(now, send);
}

void Cta::hear(std::uint32_t nonce) {
  HeardNonce entry{nonce};
  if (const auto known = std::ranges::find(heard_, nonce, &HeardNonce::nonce); known != heard_.end()) {
    entry = *known;
    entry.repeated = true;
    heard_.erase(known);
  } else if (heard_.size() == heard_nonces) {
    heard_.erase(std::ranges::min_element(heard_, {}, &HeardNonce::repeated));
  }
  heard_.push_back(entry);
}

std::uint32_t Cta::next_nonce() {
  HeardNonce& chosen = *std::ranges::max_element(heard_.rbegin(), heard_.rend(), {}, &HeardNonce::precedence);
  ++chosen.answered;
  return chosen.nonce;
}

const Cta::OpenRequest* Cta::open_request(std::uint32_t nonce) const {
  const auto found = std::ranges::find(open_.rbegin(), open_.rend(), nonce, &OpenRequest::nonce);
  return found == open_.rend() ? nullptr : &*found;
}

bool Cta::may_answer(Time now) {
  if (answer_tat_ > now + (config_.answer_burst - 1) * config_.answer_interval) return false;
  answer_tat_ = std::max(answer_tat_, now) + config_.answer_interval;
  return true;
}

void Cta::begin(Time now, const Send& send) {
  server_refused_ = false;
  backoff_ = Backoff(now, config_.timeouts, config_.tries);
  if (credential_ && credential_->endtime > clock(now)) {
    send_ap_request(next_nonce(), now, send);
  } else {
    credential_.reset();
    kdc_refused_ = false;
    tgs_.reset();
    as_.emplace(config_.principal, config_.realm, config_.secret, config_.etypes, random_);
    state_ = State::asking_kdc;
    ask_kdc(now, send);
  }
}

void Cta::ask_kdc(Time now, const Send& send) {
  Bytes request = tgs_ ? tgs_->request(clock(now)) : as_->request(clock(now));
  send({{config_.address, kdc_port}, config_.kdc, std::move(request)});
}

void Cta::receive_kdc(ByteView octets, Time now, const Send& send) {
  if (state_ != State::asking_kdc) return;
  try {
    if (tgs_) {
      credential_ = tgs_->reply(octets);
      backoff_ = Backoff(now, config_.timeouts, config_.tries);
      send_ap_request(next_nonce(), now, send);
      return;
    }
    if (std::optional<kerberos::Credential> ticket_granting = as_->reply(octets)) {
      tgs_.emplace(std::move(*ticket_granting), config_.server_principal, config_.etypes, random_);
    }
    backoff_ = Backoff(now, config_.timeouts, config_.tries);
    ask_kdc(now, send);
  } catch (const kerberos::ProtocolError&) {
    // Not authenticated, perhaps a duplicate of an answer to an earlier request: remembered, not believed.
    kdc_refused_ = true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed && error.kind() != ErrorKind::crypto) throw;
  }
}

void Cta::send_ap_request(std::uint32_t nonce, Time now, const Send& send) {
  OpenRequest open{nonce, {}, kerberos::make_ap_request(*credential_, client_clock_.next(clock(now)), {}, random_)};

  keymgmt::ApRequest request;
  request.doi = config_.doi;
  request.ap_req = open.sent.octets;
  request.server_nonce = nonce;
  request.application = application_data(config_.doi, random_);
  request.ciphersuites = keymgmt::supported_ciphersuites(config_.doi);
  open.octets = keymgmt::seal(std::move(request), open.sent.session_key.octets());

  state_ = State::waiting_for_reply;
  ++counters_.ap_requests;
  send(to_server(open.octets));
  open_.push_back(std::move(open));
  if (open_.size() > open_requests) open_.pop_front();
}

void Cta::receive_reply(ByteView octets, const Send& send) {
  if (!answered_reply_.empty() && std::ranges::equal(octets, answered_reply_)) {
    // The server did not hear us: our SA Recovered was lost.
    ++counters_.recovered_sent;
    send(to_server(recovered_));
    return;
  }
  if (state_ != State::waiting_for_reply) return;
  const auto reply = keymgmt::decode_as<keymgmt::ApReply>(octets);
  for (const OpenRequest& open : open_) {
    if (!keymgmt::has_true_hmac(octets, keymgmt::ap_hmac_key(open.sent.session_key.octets()))) continue;
    try {
      const kerberos::EncApReplyPart part = kerberos::verify_ap_reply(reply.ap_rep, open.sent);
      if (!part.subkey || reply.doi != config_.doi || reply.ciphersuites.size() != 1) break;
      establish(octets, reply, *part.subkey, send);
      return;
    } catch (const kerberos::ProtocolError&) {
      continue;  // the client nonce of another open request, perhaps
    }
  }
  ++counters_.false_replies;
}

void Cta::establish(ByteView octets, const keymgmt::ApReply& reply, const kerberos::Key& subkey, const Send& send) {
  keys_ = keymgmt::derive_sa_keys(subkey.octets(), reply.doi, reply.ciphersuites.front());
  recovered_ = keymgmt::make_sa_recovered(octets, subkey.octets());
  answered_reply_.assign(octets.begin(), octets.end());
  open_.clear();
  state_ = State::established;
  ++counters_.recovered_sent;
  send(to_server(recovered_));
}

void Cta::receive_error(const keymgmt::ErrorReply& error, Time now, const Send& send) {
  if (state_ != State::waiting_for_reply) return;
  const kerberos::KrbError krb_error = kerberos::decode_krb_error(error.krb_error);
  if (krb_error.code == kerberos::ErrorCode::ticket_expired && credential_) {
    credential_.reset();
    begin(now, send);
    return;
  }
  server_refused_ = true;  // not authenticated either: remembered, not believed
}

std::optional<Time> Cta::deadline() const {
  if (state_ != State::asking_kdc && state_ != State::waiting_for_reply) return std::nullopt;
  return backoff_.deadline();
}

void Cta::expire(Time now, const Send& send) {
  if (!deadline() || !backoff_.due(now)) return;
  if (!backoff_.retry(now)) {
    const bool unanswered = std::ranges::any_of(heard_, [](const HeardNonce& entry) { return entry.answered == 0; });
    if (state_ == State::asking_kdc) {
      abort(kdc_refused_ ? AbortReason::kdc_refused : AbortReason::kdc_silent);
    } else if (unanswered && may_answer(now)) {
      begin(now, send);
    } else {
      abort(server_refused_ ? AbortReason::server_refused : AbortReason::no_reply);
    }
  } else if (state_ == State::asking_kdc) {
    ask_kdc(now, send);
  } else {
    const std::uint32_t nonce = next_nonce();
    if (const OpenRequest* open = open_request(nonce)) {
      send(to_server(open->octets));
    } else {
      // The first answer to another Wake Up does not inherit the long time-out of the one that was in vain.
      if (may_answer(now)) backoff_ = Backoff(now, config_.timeouts, config_.tries);
      send_ap_request(nonce, now, send);
    }
  }
}

void Cta::abort(AbortReason reason) {
  abort_reason_ = reason;
  open_.clear();
  // What was established before this exchange stays so.
  state_ = keys_ ? State::established : State::aborted;
}

Datagram Cta::to_server(Bytes payload) const {
  return {{config_.address, key_management_port}, config_.server, std::move(payload)};
}

}  // namespace reveille::nodes
