// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "model/core/policy_config.hpp"
#include "reveille/core/ports.hpp"
#include "reveille/core/types.hpp"
#include "reveille/policy/guard.hpp"

namespace reveille::fuzz {

/// Says of each frame what the untimed policy says, which shares nothing with the core's model. What a frame shows by
/// itself it knows while it knows the configuration; verdicts that a session decides, while it has seen every command
/// to that client.
class PolicyOracle {
 public:
  struct Counts {
    std::uint64_t frames = 0;   ///< with a verdict
    std::uint64_t judged = 0;   ///< of those, by the policy: what they show by themselves
    std::uint64_t decided = 0;  ///< of those, to the end
    std::array<std::uint64_t, kVerdictCount> verdicts{};

    Counts& operator+=(const Counts& other) {
      frames += other.frames;
      judged += other.judged;
      decided += other.decided;
      for (std::size_t i = 0; i != kVerdictCount; ++i) verdicts[i] += other.verdicts[i];
      return *this;
    }
  };

  /// Registers as they stand from here on. `empty`: there is no session, nor was a request by a client's own.
  void configured(const core::Setup& setup, bool empty) {
    policy::ServerConfig config = core::test::policy_config(setup.server);
    config.guess_threshold = setup.guess_threshold;
    guard_.emplace(std::move(config));
    unknown_.clear();
    knows_rate_ = empty;
  }
  /// Configured by somebody else.
  void forget() { guard_.reset(); }
  /// A client's session is one that it has not seen, until the client has none.
  void forget(const net::Address& client) { unknown_.insert(client); }
  void learn(const net::Address& client) { unknown_.erase(client); }
  [[nodiscard]] bool knows(const net::Address& client) const { return guard_ && !unknown_.contains(client); }
  /// Where it knows the configuration.
  [[nodiscard]] policy::UntimedGuard* guard() { return guard_ ? &*guard_ : nullptr; }
  void count_anew() { counts_ = {}; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

  /// Every cycle as it stands. Error where a verdict is another.
  void see(const core::Inputs& in, const core::Outputs& out) {
    if (!in.rst_n) {
      *this = PolicyOracle(counts_);
      return;
    }
    if (out.verdict_valid) judge(out);
    // T10: nothing is accepted in the first three cycles.
    if (++cycles_ <= 3 || !in.net_rx.valid || !out.net_rx_ready) return;
    if (begins_) arriving_.push_back({in.time_us, cycles_, {}});
    arriving_.back().last_cycle = cycles_;
    Bytes& octets = arriving_.back().octets;
    for (unsigned i = 0; i < 8; ++i) {
      if ((in.net_rx.keep >> i & 1) != 0) octets.push_back(static_cast<std::uint8_t>(in.net_rx.data >> 8 * i));
    }
    begins_ = in.net_rx.last;
  }

  PolicyOracle() = default;

 private:
  struct Arriving {
    std::uint64_t time = 0;  ///< L14
    std::uint64_t first_cycle = 0;
    Bytes octets;
    std::uint64_t last_cycle = 0;

    /// A10: gone as if the wire had lost it.
    [[nodiscard]] bool oversize() const { return octets.size() > 9216 || last_cycle > first_cycle + 16384; }
  };

  explicit PolicyOracle(const Counts& counts) : counts_(counts) {}

  void judge(const core::Outputs& out) {
    if (arriving_.empty()) throw Error(ErrorKind::internal, "POLICY a verdict without a frame");
    const Arriving frame = std::move(arriving_.front());
    arriving_.pop_front();
    ++counts_.frames;
    if (out.verdict_code < kVerdictCount) ++counts_.verdicts[out.verdict_code];
    if (!guard_) return;
    const policy::FrameFacts facts =
        frame.oversize() ? policy::FrameFacts{} : policy::parse_frame(frame.octets, guard_->config());
    ++counts_.judged;
    const bool decided = facts.kind == policy::FrameFacts::Kind::decided;
    constexpr auto first_of_session = static_cast<std::uint8_t>(Verdict::client_initiated);
    if (decided ? out.verdict_code != index(facts.early) : out.verdict_code < first_of_session)
      differs(out, frame.octets, decided ? std::string(name(facts.early)) : "one that a session decides");
    const auto words = driver::address_words(facts.source);
    if (words != out.verdict_source) differs(out, frame.octets, "another source");
    if (frame.oversize() && !out.verdict_lost) differs(out, frame.octets, "lost");
    if (!decided) judge_by_session(frame, facts.source, out);
  }
  void judge_by_session(const Arriving& frame, const net::Address& client, const core::Outputs& out) {
    if (out.verdict_lost) {  // it changes nothing, and the policy knows of no loss
      forget(client);
      knows_rate_ = false;
      return;
    }
    const policy::Decision decision = guard_->judge_in_full(frame.octets, frame.time).decision;
    const bool known = decision.verdict == Verdict::client_initiated
                           ? knows_rate_ || guard_->config().client_initiated != policy::ServerConfig::pass_limited
                           : !unknown_.contains(client);
    if (!known) return;
    ++counts_.decided;
    if (out.verdict_code != index(decision.verdict) || out.verdict_pass != decision.to_host)
      differs(out, frame.octets, std::string(name(decision.verdict)) + (decision.to_host ? ", passes" : ""));
  }

  static std::string hex(const Bytes& octets) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : octets) text += {digits[octet >> 4], digits[octet & 0xF]};
    return text;
  }
  [[noreturn]] static void differs(const core::Outputs& out, const Bytes& frame, const std::string& expected) {
    throw Error(ErrorKind::internal,
                "POLICY signal=verdict_code core=" +
                    (out.verdict_code < kVerdictCount ? std::string(kVerdictNames[out.verdict_code])
                                                      : std::to_string(out.verdict_code)) +
                    (out.verdict_pass ? ", passes" : "") + " policy=" + expected + " frame=" + hex(frame));
  }

  std::optional<policy::UntimedGuard> guard_;
  std::set<net::Address> unknown_;
  bool knows_rate_ = false;
  std::deque<Arriving> arriving_;
  bool begins_ = true;
  std::uint64_t cycles_ = 0;  ///< since the reset
  Counts counts_;
};

}  // namespace reveille::fuzz
