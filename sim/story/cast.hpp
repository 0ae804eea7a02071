// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reveille/net/address.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// What a CTA of the story is like.
struct Character {
  bool ipv4 = true;
  bool has_ticket = true;
  bool dead = false;
  bool late = false;
  bool stale_clock = false;
  [[nodiscard]] bool reachable() const { return !dead && !stale_clock; }
};

/// Exactly the shares of the scenario, dealt by the seed.
std::vector<Character> cast(const Scenario& scenario);

net::Address cta_address(unsigned index, bool ipv4);
std::string cta_name(unsigned index);

}  // namespace reveille::sim
