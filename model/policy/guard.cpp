// SPDX-License-Identifier: Apache-2.0
#include "reveille/policy/guard.hpp"

#include <algorithm>
#include <utility>

namespace reveille::policy {

UntimedGuard::UntimedGuard(ServerConfig config, std::size_t capacity)
    : config_(std::move(config)), capacity_(capacity) {}

UntimedGuard::Session* UntimedGuard::find_live(const net::Address& client, std::uint64_t now) {
  const auto found = sessions_.find(client);
  return found != sessions_.end() && now < found->second.deadline ? &found->second : nullptr;
}

bool UntimedGuard::count_false_nonce(SessionState& session) const {
  if (session.false_nonces == most_false_nonces) return false;
  return ++session.false_nonces == config_.guess_threshold;
}

ResultCode UntimedGuard::wake(const net::Address& client, std::uint32_t nonce, std::uint64_t now,
                              std::uint64_t lifetime) {
  return restore(client, nonce, Phase::outstanding, 0, now, lifetime);
}

ResultCode UntimedGuard::restore(const net::Address& client, std::uint32_t nonce, Phase phase, std::uint64_t tag,
                                 std::uint64_t now, std::uint64_t lifetime) {
  if (nonce == 0 || lifetime == 0 || config_.addresses(client.is_ipv4()).empty()) return ResultCode::bad_argument;
  if (find_live(client, now) != nullptr) return ResultCode::live;
  if (sessions_.size() >= capacity_) {
    std::erase_if(sessions_, [now](const auto& entry) { return now >= entry.second.deadline; });
    if (sessions_.size() >= capacity_) return ResultCode::full;
  }
  // L16: the whole budget, however it came into the store.
  sessions_[client] = {
      .state = {.live = true, .phase = phase, .nonce = nonce, .tag = tag, .resends_left = config_.resend_budget},
      .deadline = std::min(now + lifetime, last_time)};
  return ResultCode::ok;
}

ResultCode UntimedGuard::reply(const net::Address& client, std::uint64_t expected_tag, std::uint64_t now) {
  Session* session = find_live(client, now);
  if (session == nullptr) return ResultCode::not_found;
  if (session->state.phase != Phase::in_service) return ResultCode::wrong_state;
  session->state.phase = Phase::replied;
  session->state.tag = expected_tag;
  return ResultCode::ok;
}

ResultCode UntimedGuard::reject(const net::Address& client, std::uint64_t now) {
  Session* session = find_live(client, now);
  if (session == nullptr) return ResultCode::not_found;
  if (session->state.phase != Phase::in_service) return ResultCode::wrong_state;
  session->state.phase = Phase::outstanding;
  return ResultCode::ok;
}

ResultCode UntimedGuard::close(const net::Address& client, std::uint64_t now) {
  if (find_live(client, now) == nullptr) return ResultCode::not_found;
  sessions_.erase(client);
  return ResultCode::ok;
}

SessionState UntimedGuard::read(const net::Address& client, std::uint64_t now) const {
  const auto found = sessions_.find(client);
  return found != sessions_.end() && now < found->second.deadline ? found->second.state : SessionState{};
}

UntimedGuard::Judgement UntimedGuard::judge_in_full(ByteView frame, std::uint64_t now) {
  return judge_facts(parse_frame(frame, config_), now);
}

UntimedGuard::Judgement UntimedGuard::judge_facts(const FrameFacts& facts, std::uint64_t now) {
  Session* session = facts.kind == FrameFacts::Kind::decided ? nullptr : find_live(facts.source, now);
  if (session == nullptr) return {facts, decide(facts, std::nullopt, limiter_, now, config_), false};
  SessionState& state = session->state;
  const Decision decision = decide(facts, state, limiter_, now, config_);
  if (decision.take) state.phase = Phase::in_service;
  if (decision.use_resend) --state.resends_left;
  if (decision.recover) state.phase = Phase::recovered;
  const bool guessing = decision.verdict == Verdict::false_nonce && count_false_nonce(state);
  return {facts, decision, guessing};
}

}  // namespace reveille::policy
