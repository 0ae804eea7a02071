// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "engine.hpp"

namespace reveille::sim::test {

/// An engine over the untimed policy, for tests of what stands around engines. Like a pipeline it gives its outcomes
/// late: `depth` frames behind.
class PolicyEngine final : public Engine {
 public:
  struct Behaviour {
    std::size_t depth = 3;
    std::size_t capacity = SIZE_MAX;
    std::optional<std::uint64_t> differs_at =
        {};  ///< throw DifferenceFound instead of the outcome of this frame (from 1)
  };
  explicit PolicyEngine(Behaviour behaviour) : behaviour_(behaviour) {}

  void configure(const policy::ServerConfig& config) override { guard_.emplace(config, behaviour_.capacity); }
  ResultCode command(const driver::Command& command, std::uint64_t time_us) override {
    const auto& [code, client, lifetime, tag, nonce, location, phase, hop, snmp, armed, source] = command;
    switch (code) {
      case CommandCode::restore: return guard_->restore(client, nonce, phase, tag, time_us, lifetime);
      case CommandCode::reply: return guard_->reply(client, tag, time_us);
      case CommandCode::reject: return guard_->reject(client, time_us);
      case CommandCode::close: return guard_->close(client, time_us);
      default: return ResultCode::bad_argument;
    }
  }
  void play(ByteView frame, std::uint64_t time_us) override {
    const auto [facts, decision, guessing] = guard_->judge_in_full(frame, time_us);
    Outcome outcome{.verdict = decision.verdict,
                    .source = facts.source,
                    .nonce = nonce_read(decision.verdict, facts.returned_nonce)};
    if (decision.to_host) outcome.host_frame.emplace(frame.begin(), frame.end());
    pipeline_.push_back(outcome);
    if (pipeline_.size() > behaviour_.depth) deliver();
  }
  void finish() override {
    while (!pipeline_.empty()) deliver();
  }
  std::uint64_t cycles() const override { return delivered_ * 8; }

 private:
  void deliver() {
    if (behaviour_.differs_at == ++delivered_) throw DifferenceFound("MISMATCH cycle=8 signal=test");
    on_outcome(pipeline_.front());
    pipeline_.pop_front();
  }

  Behaviour behaviour_;
  std::optional<policy::UntimedGuard> guard_;
  std::deque<Outcome> pipeline_;
  std::uint64_t delivered_ = 0;
};

}  // namespace reveille::sim::test
