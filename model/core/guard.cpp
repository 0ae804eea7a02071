// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/guard.hpp"

#include <algorithm>
#include <utility>

namespace reveille::core {

void Guard::reset() {
  cycle_ = 64;  // any start beyond the latencies: slots of 0 are then empty
  read_at_ = busy_until_ = 0;
  for (Slot& slot : slots_) slot.at = 0;
  limiter_.reset();
}

void Guard::clock(const Lookup* lookup, const Descriptor* descriptor, bool lost, NonceStore& store,
                  const Configuration& config) {
  constexpr unsigned to_verdict = kVerdictLatency - kDescriptorLatency;
  const std::uint64_t now = cycle_++;
  if (lookup != nullptr) busy_until_ = now + kVerdictLatency - kLookupLatency;
  if (descriptor != nullptr) busy_until_ = std::max(busy_until_, now + to_verdict);

  if (Slot& slot = slots_[now % slots_.size()]; slot.at == now) {  // the verdict's cycle
    lost ? limiter_.forget() : limiter_.take();
    if (!lost) change_state(slot, store);
  }
  if (lookup != nullptr) {  // T+8
    read_at_ = now;
    lookup_ = *lookup;
    hit_ = {};
    guess_threshold_ = config.guess_threshold;
  }
  if (const std::uint64_t read = now - read_at_; read < config::kLookupCycles && lookup_.needed && !hit_.live) {
    hit_ = store.find(lookup_, static_cast<unsigned>(read));
  }
  if (Slot& slot = slots_[(now + 1) % slots_.size()]; slot.at == now + 1) {
    judge(slot, config);
  }
  if (descriptor != nullptr) {  // T+12
    Slot& slot = slots_[(now + to_verdict) % slots_.size()];
    slot.at = now + to_verdict;
    slot.descriptor = *descriptor;
  }
  client_initiated_ = config.client_initiated;
  tolerance_before_ = std::exchange(tolerance_, config.tolerance);
}

void Guard::judge(Slot& slot, const Configuration& config) {
  const Descriptor& descriptor = slot.descriptor;
  slot.next.reset();
  slot.output = {};
  slot.output.source = descriptor.source;
  slot.output.time = descriptor.time;
  FrameVerdict& verdict = slot.output.verdict;
  verdict.valid = true;
  verdict.oversize = descriptor.oversize;
  switch (descriptor.kind) {
    case KeymgmtParser::Kind::decided:
      verdict.code = descriptor.verdict;
      verdict.pass = descriptor.verdict == Verdict::bypass;
      break;
    case KeymgmtParser::Kind::ap_request: judge_ap_request(slot, config); break;
    case KeymgmtParser::Kind::sa_recovered: judge_sa_recovered(slot); break;
  }
}

void Guard::judge_ap_request(Slot& slot, const Configuration& config) {
  FrameVerdict& verdict = slot.output.verdict;
  slot.output.value = slot.descriptor.nonce;
  if (slot.descriptor.nonce == 0) {
    verdict.code = Verdict::client_initiated;
    verdict.pass = client_initiated_ == ClientInitiated::pass ||
                   (client_initiated_ == ClientInitiated::pass_limited &&
                    limiter_.conforms(slot.descriptor.time, tolerance_before_, config.interval));
  } else if (!hit_.live) {
    verdict.code = Verdict::not_woken;
  } else if (!hit_.nonce_equal) {
    count_false_nonce(slot);
  } else if (hit_.state.phase == Phase::outstanding) {
    verdict.code = Verdict::accepted;
    verdict.pass = true;
    slot.next = hit_.state;
    slot.next->phase = Phase::in_service;
  } else if (hit_.state.phase == Phase::replied && hit_.state.resends_left != 0) {
    verdict.code = Verdict::resend;
    verdict.pass = true;
    slot.next = hit_.state;
    --slot.next->resends_left;
  } else {
    verdict.code = Verdict::repeat;
  }
}

void Guard::judge_sa_recovered(Slot& slot) {
  FrameVerdict& verdict = slot.output.verdict;
  if (!hit_.live) {
    verdict.code = Verdict::not_woken;
  } else if (hit_.state.phase != Phase::replied) {
    verdict.code = Verdict::unexpected;
  } else if (!hit_.aux_equal) {
    count_false_nonce(slot);
  } else {
    verdict.code = Verdict::sa_recovered;
    verdict.pass = true;
    slot.next = hit_.state;
    slot.next->phase = Phase::recovered;
  }
}

void Guard::count_false_nonce(Slot& slot) const {
  slot.output.verdict.code = Verdict::false_nonce;
  if (hit_.state.false_nonces == kMostFalseNonces) return;
  slot.next = hit_.state;
  ++slot.next->false_nonces;
  slot.output.guessing = slot.next->false_nonces == guess_threshold_;
}

void Guard::change_state(const Slot& slot, NonceStore& store) const {
  if (!slot.next) return;
  if (slot.output.verdict.code == Verdict::false_nonce) {
    store.write_false_nonces(hit_.location, slot.next->false_nonces);
  } else {
    store.write_phase(hit_.location, *slot.next);
  }
}

}  // namespace reveille::core
