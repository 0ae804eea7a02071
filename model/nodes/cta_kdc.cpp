// SPDX-License-Identifier: Apache-2.0
// The CTA at the KDC: its tickets, ahead of their end too, and what it learns of the time.
#include <algorithm>
#include <utility>

#include "reveille/nodes/cta.hpp"

namespace reveille::nodes {

namespace {

/// Of a ticket: an AP Request has to fit one frame, since the guard takes no fragments, and frames end at 9,216 octets;
/// a request to the KDC has to fit a datagram.
constexpr std::size_t longest_ticket = 8192;

constexpr unsigned as_reply_tag = 11;
constexpr unsigned krb_error_tag = 30;

/// A clock that is wrong by less is right enough for Kerberos, whatever a KRB-ERROR says.
constexpr Time harmless_error = kerberos::minute;

/// Throws ProtocolError.
kerberos::Credential sendable(kerberos::Credential credential) {
  if (credential.ticket.enc_part.cipher.size() <= longest_ticket) return credential;
  throw kerberos::ProtocolError(kerberos::ErrorCode::field_too_long, "no request can carry the ticket");
}

}  // namespace

std::optional<Time> Cta::renewal() const {
  if (config_.renew_ahead == 0 || !credential_ || busy() || state_ == State::waiting_for_turn) return std::nullopt;
  return std::max(credential_->endtime - config_.renew_ahead - clock(0), next_renewal_);
}

void Cta::begin_renewal(Time now, const Send& send) {
  renewing_ = true;
  before_renewal_ = state_;
  next_renewal_ = now + std::max(config_.renew_ahead / 10, config_.timeouts.longest);
  heard_.clear();
  begin_kdc_exchange(now, send);
}

void Cta::end_renewal(Time now, const Send& send) {
  renewing_ = false;
  state_ = before_renewal_;
  if (rekey_ && has_ticket(now)) answer_rekey(now, send);  // it may have waited for the ticket
  if (!heard_.is_one_unanswered()) return;
  state_ = State::waiting_for_turn;  // it was woken meanwhile
  go_on(now, send);
}

void Cta::begin_kdc_exchange(Time now, const Send& send) {
  kdc_refused_ = false;
  kdc_fault_.clear();
  ticket_doubted_ = false;
  asked_anew_ = false;
  told_error_.reset();
  told_lately_ = false;
  as_begun_ = now;
  begin_as_exchange();
  state_ = State::asking_kdc;
  backoff_ = Backoff(now, config_.timeouts, config_.tries);
  ask_kdc(now, send);
}

void Cta::begin_as_exchange() {
  tgs_.reset();
  other_granting_.reset();
  std::optional<kerberos::Credential> armor;
  if (config_.armor) armor = config_.armor();
  as_.emplace(config_.principal, config_.realm, config_.secret, config_.etypes, random_, std::nullopt,
              std::move(armor));
}

void Cta::begin_tgs_exchange(kerberos::Credential granting) {
  tgs_.emplace(sendable(std::move(granting)), config_.server_principal, config_.etypes, random_);
  others_heard_ = 0;
  kdc_refused_ = false;
}

void Cta::ask_kdc(Time now, const Send& send) {
  ++counters_.kdc_requests;
  Time time = clock(now);
  // By chance, since the keys that are tried take their turns.
  if (!tgs_ && told_error_ && (std::exchange(told_lately_, false) || random_.nonce() % 2 == 0)) time += *told_error_;
  Bytes request = tgs_ ? tgs_->request(time) : as_->request(time);
  send({{config_.address, kdc_port}, config_.kdc, std::move(request)});
}

void Cta::set_clock_offset(Time offset) {
  // Who set it knows better than what was learned before.
  if (std::abs(offset - config_.clock_offset) > kerberos::second) clock_error_ = 0;
  config_.clock_offset = offset;
}

void Cta::hear_time(ByteView kdc_octets, Time now) {
  if (!config_.learns_time || tgs_ || kerberos::application_tag(kdc_octets) != krb_error_tag) return;
  const Time error = kerberos::decode_krb_error(kdc_octets).stime - clock(now);
  const bool is_harmless = std::abs(error) <= harmless_error;
  if (!told_error_ && is_harmless) return;
  if (!told_error_) told_lately_ = true;
  // By chance, so that neither who is ahead of the KDC nor who comes behind it has the last word.
  if (!told_error_ || random_.nonce() % 2 == 0) told_error_ = is_harmless ? 0 : error;
}

void Cta::learn_time(Time kdc_time, Time now) {
  if (!config_.learns_time) return;
  told_error_.reset();
  // The KDC's clock, of which the reply shows whole seconds, stood so between the first request and the reply.
  const Time error = std::clamp<Time>(0, kdc_time - clock(now), kdc_time + kerberos::second - clock(as_begun_));
  if (std::abs(error) > harmless_error) clock_error_ += error;
}

void Cta::receive_kdc(ByteView octets, Time now, const Send& send) {
  if (state_ == State::waiting_for_reply && tgs_ && !is_proved(credential_) && !is_proved(other_)) {
    keep_by_chance(other_, tgs_->reply(octets));
  }
  if (state_ != State::asking_kdc) return;
  try {
    hear_time(octets, now);
    if (tgs_ && kerberos::application_tag(octets) == as_reply_tag) {
      if (auto granting = as_->reply(octets)) keep_by_chance(other_granting_, std::move(*granting));
      return;
    }
    if (tgs_) {
      kerberos::Credential credential = sendable(tgs_->reply(octets));
      if (credential_ && (!other_ || is_proved(credential_))) other_ = std::move(credential_);
      credential_ = std::move(credential);
      if (renewing_) {
        end_renewal(now, send);
      } else {
        take_turn(true, now, send);
      }
      return;
    }
    if (auto granting = as_->reply(octets)) {
      learn_time(granting->authtime, now);
      begin_tgs_exchange(std::move(*granting));
    }
    backoff_ = Backoff(now, config_.timeouts, config_.tries);
    ask_kdc(now, send);
  } catch (const kerberos::ProtocolError& error) {
    kdc_refused_ = true;  // perhaps: it may be forged, or a duplicate of an answer to an earlier request
    kdc_fault_ = error.what();
    throw;
  } catch (const Error& error) {
    kdc_fault_ = error.what();
    throw;
  }
}

void Cta::keep_by_chance(std::optional<kerberos::Credential>& kept, kerberos::Credential heard) {
  ++others_heard_;
  if (others_heard_ == 1 || random_.nonce() % others_heard_ == 0) kept = sendable(std::move(heard));
}

bool Cta::is_proved(const std::optional<kerberos::Credential>& credential) const {
  return credential && proved_ == credential->session_key;
}

bool Cta::renews_ticket(Time now) {
  const bool renews = renewals_.take(now) || (!ticket_renewed_ && !is_proved(credential_) && !is_proved(other_));
  if (renews) ticket_renewed_ = true;
  return renews;
}

}  // namespace reveille::nodes
