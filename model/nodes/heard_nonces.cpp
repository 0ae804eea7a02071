// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/heard_nonces.hpp"

#include <algorithm>
#include <tuple>

namespace reveille::nodes {

std::strong_ordering HeardNonces::Entry::order(const Entry& other) const {
  return std::tuple(repeated, answered, pending) <=> std::tuple(other.repeated, other.answered, other.pending);
}

HeardNonces::Place HeardNonces::any_like(const Entry& example) {
  const auto same = [&](const Entry& entry) { return entry.order(example) == 0; };
  auto left = std::ranges::count_if(entries_, same);
  if (left > 1) left = 1 + random_.nonce() % left;
  return std::ranges::find_if(entries_, [&](const Entry& entry) { return same(entry) && --left == 0; });
}

void HeardNonces::forget_one() {
  if (std::ranges::count(entries_, false, &Entry::repeated) > static_cast<std::ptrdiff_t>(heard_once)) {
    entries_.erase(std::ranges::find(entries_, false, &Entry::repeated));
    return;
  }
  const auto goes_before = [](const Entry& a, const Entry& b) {
    return a.repeated != b.repeated ? a.repeated : a.order(b) < 0;
  };
  entries_.erase(any_like(Entry(*std::ranges::min_element(entries_, goes_before))));
}

bool HeardNonces::hear(std::uint32_t nonce) {
  if (const auto known = std::ranges::find(entries_, nonce, &Entry::nonce); known != entries_.end()) {
    known->repeated = known->pending = true;
    return true;
  }
  entries_.push_back({.nonce = nonce});
  if (entries_.size() <= capacity) return true;
  forget_one();
  return false;
}

bool HeardNonces::is_one_urgent() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.repeated && entry.pending; });
}

bool HeardNonces::is_one_unanswered() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.answered == 0; });
}

std::uint32_t HeardNonces::take_turn() {
  const auto less = [](const Entry& a, const Entry& b) { return a.order(b) < 0; };
  Entry& chosen = *any_like(Entry(*std::ranges::max_element(entries_, less)));
  --chosen.answered;
  chosen.pending = false;
  return chosen.nonce;
}

}  // namespace reveille::nodes
