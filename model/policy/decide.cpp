// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reveille/policy/policy.hpp"

namespace reveille::policy {
namespace {

Decision drop(Verdict verdict) { return {.verdict = verdict}; }

/// L15: the register decides on a request that no Wake Up asked for.
Decision client_initiated(RateLimiter& limiter, std::uint64_t now, const ServerConfig& config) {
  Decision decision = drop(Verdict::client_initiated);
  switch (config.client_initiated) {
    case ServerConfig::drop: break;
    case ServerConfig::pass_limited:
      decision.to_host = limiter.conforms(now, config.interval_us, config.tolerance_us);
      break;
    case ServerConfig::pass: decision.to_host = true; break;
  }
  return decision;
}

Decision ap_request(std::uint32_t returned_nonce, const SessionState& session) {
  if (returned_nonce != session.nonce) return drop(Verdict::false_nonce);
  if (session.phase == Phase::outstanding) return {.verdict = Verdict::accepted, .to_host = true, .take = true};
  if (session.phase == Phase::replied && session.resends_left > 0) {
    return {.verdict = Verdict::resend, .to_host = true, .use_resend = true};
  }
  return drop(Verdict::repeat);
}

Decision sa_recovered(std::uint64_t tag, const SessionState& session) {
  if (session.phase != Phase::replied) return drop(Verdict::unexpected);
  if (tag != session.tag) return drop(Verdict::false_nonce);
  return {.verdict = Verdict::sa_recovered, .to_host = true, .recover = true};
}

}  // namespace

bool RateLimiter::conforms(std::uint64_t now, std::uint64_t interval, std::uint64_t tolerance) {
  if (tat_ > now + tolerance) return false;
  tat_ = std::max(tat_, now) + interval;
  return true;
}

Decision decide(const FrameFacts& facts, const std::optional<SessionState>& session, RateLimiter& limiter,
                std::uint64_t frame_time_us, const ServerConfig& config) {
  if (facts.kind == FrameFacts::Kind::decided) {
    return {.verdict = facts.early, .to_host = facts.early == Verdict::bypass};
  }
  const bool is_ap_request = facts.kind == FrameFacts::Kind::ap_request;
  if (is_ap_request && facts.returned_nonce == 0) return client_initiated(limiter, frame_time_us, config);
  if (!session || !session->live) return drop(Verdict::not_woken);
  return is_ap_request ? ap_request(facts.returned_nonce, *session) : sa_recovered(facts.tag, *session);
}

}  // namespace reveille::policy
