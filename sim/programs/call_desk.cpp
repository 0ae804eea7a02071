// SPDX-License-Identifier: Apache-2.0
#include "programs/call_desk.hpp"

#include "programs/program_file.hpp"
#include "reveille/kerberos/private_file.hpp"

namespace reveille::sim {
namespace {

std::string name_of(CallAgent::State state) {
  switch (state) {
    case CallAgent::State::idle: return "idle";
    case CallAgent::State::ringing: return "ringing";
    case CallAgent::State::connecting: return "connecting";
    case CallAgent::State::talking: return "talking";
    case CallAgent::State::ending: return "ending";
    case CallAgent::State::ended: return "ended";
  }
  return "unknown";
}

/// A command that a client does not answer is said for half a minute.
constexpr nodes::Timeouts timeouts{kerberos::second / 2, 8 * kerberos::second};
constexpr unsigned tries = 6;

void append_line(kerberos::SecretBytes& rows, const CallAgent::Line& from, const CallAgent::Line& to,
                 const MediaKey& key) {
  const std::string line = from.name + " to " + to.name + " AES_CM_128_HMAC_SHA1_80 inline:" + to_base64(key) + '\n';
  rows.insert(rows.end(), line.begin(), line.end());
}

}  // namespace

CallDesk::CallDesk(Config config, nodes::Controller& controller,
                   std::function<std::optional<net::Address>(const net::Address& client)> own, const EventLoop& loop,
                   const Log& log)
    : config_(std::move(config)),
      say_([&controller, own = std::move(own)](const net::Address& client, const std::string& text) {
        const ByteView octets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
        if (const auto from = own(client)) controller.say(client, *from, octets);
      }),
      loop_(loop),
      log_(log) {
  begin();
  controller.on_notification = [this](const net::Address& client, const nodes::Notification& notification) {
    const bool dials = client == config_.caller.client && notification.event == "D/2";
    // It is said again until the answer comes; but nobody dials in a conversation, unless it lost the one before.
    const bool is_again = notification.transaction == dialled_ && state_ <= CallAgent::State::connecting;
    if (dials && !is_again) begin();
    if (dials) dialled_ = notification.transaction;
    agent_->notified(client, notification.event, loop_.clock().now());
    report();
  };
  controller.on_answer = [this](const net::Address& client, std::uint32_t transaction) {
    agent_->answered(client, transaction, loop_.clock().now());
    report();
  };
}

void CallDesk::begin() {
  agent_.emplace(config_.caller, config_.called, timeouts, tries, random_, say_);
  state_ = agent_->state();
}

void CallDesk::expire() { agent_->expire(loop_.clock().now()); }

void CallDesk::report() {
  if (agent_->state() == state_) return;
  state_ = agent_->state();
  log_("call", {{"caller", config_.caller.name}, {"called", config_.called.name}, {"state", name_of(state_)}});
  if (state_ != CallAgent::State::connecting || !config_.media_keys) return;
  kerberos::SecretBytes rows;
  append_line(rows, config_.caller, config_.called, agent_->caller_key());
  append_line(rows, config_.called, config_.caller, agent_->called_key());
  try_to_write(log_, [&] { kerberos::write_private_file(*config_.media_keys, rows); });
}

}  // namespace reveille::sim
