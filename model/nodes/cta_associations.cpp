// SPDX-License-Identifier: Apache-2.0
// What follows a CTA's association: the Rekey, the next one that it asks for by itself, the end of the last.
#include <algorithm>

#include "reveille/nodes/cta.hpp"

namespace reveille::nodes {

void Cta::receive_rekey(ByteView octets, const keymgmt::Rekey& rekey, Time now, const Send& send) {
  ++counters_.rekeys;
  const bool again = rekey_ && std::ranges::equal(octets, rekey_->octets);
  if ((!again && !is_true_rekey(octets, rekey, now)) || !rekey_answers_.take(now)) {
    ++counters_.refused_rekeys;
    return;
  }
  if (!again) {
    rekey_ = TakenRekey{{octets.begin(), octets.end()}, rekey.server_nonce, rekey.ciphersuites};
    last_rekey_ = keymgmt::from_timestamp(rekey.timestamp);
  }
  answer_rekey(now, send);
}

bool Cta::is_true_rekey(ByteView octets, const keymgmt::Rekey& rekey, Time now) const {
  if (rekey.doi != config_.doi || rekey.server_nonce == 0 ||
      rekey.server_principal != kerberos::to_string(config_.server_principal)) {
    return false;
  }
  const Time made = keymgmt::from_timestamp(rekey.timestamp);
  const Time clock_now = clock(now);
  const bool lately = made <= clock_now + kerberos::default_skew && made >= clock_now - kerberos::default_skew;
  if (!lately || (last_rekey_ && made <= *last_rekey_)) return false;
  return std::ranges::any_of(associations_.all(), [&](const Association& held) {
    return held.end > now && keymgmt::has_true_hmac(octets, keymgmt::rekey_hmac_key(held.subkey.octets()));
  });
}

void Cta::answer_rekey(Time now, const Send& send) {
  if (!has_ticket(now)) {
    if (!busy() && state_ != State::waiting_for_turn) begin_renewal(now, send);
    return;
  }
  if (const OpenRequest* open = open_request(rekey_->nonce)) {
    send(to_server(open->octets));
  } else {
    send_ap_request(rekey_->nonce, now, send);
  }
}

std::optional<Time> Cta::initiation() const {
  if (initiation_) return initiation_->deadline();
  if (initiated_) return std::nullopt;
  const Association* newest = associations_.newest();
  if (newest == nullptr) return config_.initiate ? std::optional<Time>(0) : std::nullopt;
  return newest->grace_begin() + (newest->end - newest->grace_begin()) / 2;
}

void Cta::initiate(Time now, const Send& send) {
  initiated_ = true;
  if (!initiation_) {
    initiation_ = Backoff(now, config_.timeouts, config_.tries);
    std::erase_if(open_, [](const OpenRequest& open) { return open.nonce == 0; });
  } else if (!initiation_->retry(now)) {
    initiation_.reset();
    return;
  }
  if (!has_ticket(now)) {
    if (!busy() && state_ != State::waiting_for_turn) begin_renewal(now, send);  // and goes on at the next time-out
    return;
  }
  ++counters_.initiated;
  if (const OpenRequest* open = open_request(0)) {
    send(to_server(open->octets));
  } else {
    send_ap_request(0, now, send);
  }
}

void Cta::expire_associations(Time now) {
  associations_.expire(now);
  if (associations_.newest() != nullptr) return;
  rekey_.reset();
  next_message_.reset();
  unanswered_.reset();
  events_.clear();
  if (state_ == State::established) state_ = State::idle;
}

}  // namespace reveille::nodes
