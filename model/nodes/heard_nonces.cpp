// SPDX-License-Identifier: Apache-2.0
#include "nodes/heard_nonces.hpp"

#include <algorithm>
#include <tuple>

namespace reveille::nodes {

std::strong_ordering HeardNonces::Entry::order(const Entry& other) const {
  return std::tuple(repeated, answered, pending) <=> std::tuple(other.repeated, other.answered, other.pending);
}

HeardNonces::Place HeardNonces::any_of_the_same(bool first) {
  const auto less = [](const Entry& a, const Entry& b) { return a.order(b) < 0; };
  const Entry edge = first ? *std::ranges::max_element(entries_, less) : *std::ranges::min_element(entries_, less);
  const auto same = [&](const Entry& entry) { return entry.order(edge) == 0; };
  auto left = std::ranges::count_if(entries_, same);
  if (left > 1) left = 1 + random_.nonce() % left;
  return std::ranges::find_if(entries_, [&](const Entry& entry) { return same(entry) && --left == 0; });
}

bool HeardNonces::hear(std::uint32_t nonce) {
  if (const auto known = std::ranges::find(entries_, nonce, &Entry::nonce); known != entries_.end()) {
    known->repeated = known->pending = true;
    return true;
  }
  const bool full = entries_.size() == capacity;
  if (full) {
    const auto oldest = std::ranges::find(entries_, false, &Entry::repeated);
    entries_.erase(oldest != entries_.end() ? oldest : any_of_the_same(false));
  }
  entries_.push_back({.nonce = nonce});
  return !full;
}

bool HeardNonces::is_one_urgent() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.repeated && entry.pending; });
}

bool HeardNonces::is_one_unanswered() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.answered == 0; });
}

std::uint32_t HeardNonces::take_turn() {
  Entry& chosen = *any_of_the_same(true);
  --chosen.answered;
  chosen.pending = false;
  return chosen.nonce;
}

}  // namespace reveille::nodes
