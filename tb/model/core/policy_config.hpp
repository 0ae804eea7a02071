// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/driver.hpp"
#include "reveille/policy/policy.hpp"

namespace reveille::core::test {

/// The same server for the untimed policy, which judges what the model does.
inline policy::ServerConfig policy_config(const ServerSetup& server) {
  policy::ServerConfig config;
  config.ipv4 = server.ipv4;
  config.ipv6 = server.ipv6;
  config.destination =
      server.listed ? policy::ServerConfig::Destination::listed : policy::ServerConfig::Destination::any;
  config.later_fragments = server.drop_later_fragments ? policy::ServerConfig::LaterFragments::drop
                                                       : policy::ServerConfig::LaterFragments::pass;
  config.port = server.port;
  config.doi_ipsec = server.doi_ipsec;
  config.doi_snmp = server.doi_snmp;
  config.versions = server.versions;
  config.client_initiated = static_cast<policy::ServerConfig::ClientInitiated>(server.client_initiated);
  config.interval_us = server.interval_us;
  config.tolerance_us = server.tolerance_us;
  config.resend_budget = server.resend_budget;
  return config;
}

}  // namespace reveille::core::test
