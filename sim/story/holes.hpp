// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "story/server_host.hpp"

namespace reveille::sim {

/// A form in which an AP Request comes to the server's host otherwise than to the address that its clients use: past a
/// guard that judges no more than that. What each is, and what becomes of it: docs/scenario.md.
struct Hole {
  std::string_view name;
  bool ipv4 = true;
  /// From `request`, an AP Request from any source to the server's address of that family.
  Bytes (*frame)(net::UdpFrame request, const ServerHost& host);
};
std::span<const Hole> holes();

}  // namespace reveille::sim
