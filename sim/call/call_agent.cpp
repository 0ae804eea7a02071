// SPDX-License-Identifier: Apache-2.0
#include "call/call_agent.hpp"

#include <algorithm>

namespace reveille::sim {

CallAgent::CallAgent(Line caller, Line called, nodes::Timeouts timeouts, unsigned tries, kerberos::RandomSource& random,
                     Say say)
    : caller_(std::move(caller)),
      called_(std::move(called)),
      timeouts_(timeouts),
      tries_(tries),
      random_(random),
      say_(std::move(say)) {}

void CallAgent::tell(const Line& line, Command command, nodes::Time now) {
  command.transaction = ++transaction_;
  unanswered_.push_back(
      {line.client, command.transaction, to_text(command, line.name), nodes::Backoff(now, timeouts_, tries_)});
  say_(line.client, unanswered_.back().text);
}

void CallAgent::connect(nodes::Time now) {
  caller_key_ = new_media_key(random_);
  called_key_ = new_media_key(random_);
  tell(caller_,
       {.kind = Command::Kind::connect, .key = caller_key_, .other = {called_.client, called_.media_port, called_key_}},
       now);
  tell(called_,
       {.kind = Command::Kind::connect, .key = called_key_, .other = {caller_.client, caller_.media_port, caller_key_}},
       now);
}

void CallAgent::notified(const net::Address& client, const std::string& event, nodes::Time now) {
  const bool is_caller = client == caller_.client;
  if (!is_caller && client != called_.client) return;
  if (event == "D/2" && is_caller && state_ == State::idle) {
    state_ = State::ringing;
    tell(called_, {.kind = Command::Kind::ring}, now);
  } else if (event == "L/hd" && !is_caller && state_ == State::ringing) {
    state_ = State::connecting;
    connect(now);
  } else if (event == "L/hu" && (state_ == State::connecting || state_ == State::talking)) {
    state_ = State::ending;
    for (const Line& line : {caller_, called_}) tell(line, {.kind = Command::Kind::disconnect}, now);
  }
}

void CallAgent::answered(const net::Address& client, std::uint32_t transaction, nodes::Time /*now*/) {
  std::erase_if(unanswered_,
                [&](const Said& said) { return said.client == client && said.transaction == transaction; });
  if (!unanswered_.empty()) return;
  if (state_ == State::connecting) state_ = State::talking;
  if (state_ == State::ending) state_ = State::ended;
}

std::optional<nodes::Time> CallAgent::deadline() const {
  const auto first =
      std::ranges::min_element(unanswered_, {}, [](const Said& said) { return said.backoff.deadline(); });
  return first == unanswered_.end() ? std::nullopt : std::optional(first->backoff.deadline());
}

void CallAgent::expire(nodes::Time now) {
  std::erase_if(unanswered_, [&](Said& said) {
    if (!said.backoff.due(now)) return false;
    if (!said.backoff.retry(now)) return true;
    say_(said.client, said.text);
    return false;
  });
}

std::string to_string(CallAgent::State state) {
  switch (state) {
    case CallAgent::State::idle: return "not dialled";
    case CallAgent::State::ringing: return "not answered";
    case CallAgent::State::connecting: return "not connected at both ends";
    case CallAgent::State::talking: return "not ended";
    case CallAgent::State::ending: return "not ended at both ends";
    case CallAgent::State::ended: return "made and ended";
  }
  return "unknown";
}

}  // namespace reveille::sim
