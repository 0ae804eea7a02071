// SPDX-License-Identifier: Apache-2.0
#include "core/guard.hpp"

namespace reveille::core {

void Guard::reset() {
  read_at_ = verdict_at_ = 0;
  for (Slot& slot : slots_) slot.at = 0;
  limiter_ = {};
}

void Guard::clock(const Lookup* lookup, const Descriptor* descriptor, std::optional<std::uint16_t> inserted, bool lost,
                  NonceStore& store, const policy::ServerConfig& config) {
  const std::uint64_t now = cycle_++;  // from here on `cycle_` is the next cycle

  if (verdict_at_ == now && !lost) {  // T+8
    limiter_ = limiter_next_;
    change_state(store);
  }
  if (lookup != nullptr) {  // T+2
    read_at_ = now;
    lookup_ = *lookup;
    hit_ = lookup_.needed ? store.find(lookup_, 0) : NonceStore::Hit{};
    void_ = false;
  } else if (now == read_at_ + 1) {  // T+3
    if (lookup_.needed && !hit_.live) hit_ = store.find(lookup_, 1);
  } else if (inserted && hit_.live && *inserted == hit_.location) {  // T+4 to T+7; later ones find the change made
    void_ = true;
  }
  if (descriptor != nullptr) {  // T+6
    Slot& slot = slots_[(now + 1) % slots_.size()];
    slot.at = now + 1;
    slot.descriptor = *descriptor;
    slot.tolerance = tolerance_;
  }
  tolerance_ = config.tolerance_us;
  const Slot& slot = slots_[now % slots_.size()];
  if (slot.at == now) decide(slot, config);  // T+7
}

void Guard::decide(const Slot& slot, const policy::ServerConfig& config) {
  if (slot.tolerance != config.tolerance_us) {  // written since T+5
    policy::ServerConfig earlier = config;
    earlier.tolerance_us = slot.tolerance;
    return decide(slot, earlier);
  }
  const Descriptor& descriptor = slot.descriptor;
  std::optional<policy::SessionState> session;
  const policy::FrameFacts& facts = descriptor.facts;
  const bool ap_request = facts.kind == policy::FrameFacts::Kind::ap_request;
  if (facts.kind != policy::FrameFacts::Kind::decided && hit_.live) {
    // The store compares; policy compares again. So it gets the frame's own value where the store found it equal, and
    // another where not.
    session.emplace();
    session->live = true;
    session->state = static_cast<policy::SessionState::State>(hit_.state.phase);
    session->nonce = hit_.nonce_equal ? facts.returned_nonce : ~facts.returned_nonce;
    session->tag = hit_.aux_equal ? facts.tag : ~facts.tag;
    session->resends_left = hit_.state.resends_left;
  }
  limiter_next_ = limiter_;
  decision_ = policy::decide(facts, session, limiter_next_, descriptor.time, config);
  output_.verdict = {true, decision_.to_host, descriptor.oversize, decision_.verdict};
  output_.source = facts.source;
  output_.value = ap_request ? facts.returned_nonce : 0;
  output_.time = descriptor.time;
  verdict_at_ = cycle_;
}

void Guard::change_state(NonceStore& store) {
  if (void_ || !(decision_.take || decision_.use_resend || decision_.recover)) return;
  EntryState state = hit_.state;
  if (decision_.take) state.phase = Phase::in_service;
  if (decision_.use_resend) --state.resends_left;
  if (decision_.recover) state.phase = Phase::recovered;
  store.write(hit_.location, state);
}

}  // namespace reveille::core
