// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "reveille/kerberos/messages.hpp"

namespace reveille::kerberos {

/// A ticket, and what only its owner knows beside it.
struct Credential {
  std::string crealm;
  PrincipalName cname;
  Ticket ticket;
  Key session_key;
  std::uint32_t flags = 0;
  Time authtime = 0;
  Time starttime = 0;
  Time endtime = 0;
};

}  // namespace reveille::kerberos
