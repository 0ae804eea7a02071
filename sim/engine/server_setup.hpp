// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/driver.hpp"
#include "reveille/policy/policy.hpp"

namespace reveille::sim {

/// The server of the untimed policy, as the core's driver sets it up.
inline core::ServerSetup server_setup(const policy::ServerConfig& config) {
  core::ServerSetup server;
  server.ipv4 = config.ipv4;
  server.ipv6 = config.ipv6;
  server.listed = config.destination == policy::ServerConfig::Destination::listed;
  server.drop_later_fragments = config.later_fragments == policy::ServerConfig::LaterFragments::drop;
  server.port = config.port;
  server.doi_ipsec = config.doi_ipsec;
  server.doi_snmp = config.doi_snmp;
  server.versions = config.versions;
  server.client_initiated = static_cast<core::ClientInitiated>(config.client_initiated);
  server.interval_us = config.interval_us;
  server.tolerance_us = config.tolerance_us;
  server.resend_budget = config.resend_budget;
  return server;
}

}  // namespace reveille::sim
