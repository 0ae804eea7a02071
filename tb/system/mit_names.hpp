// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "reveille/kerberos/types.hpp"

namespace reveille::kerberos::test {

inline const std::string realm_name = "REVEILLE.TEST";

/// `cta17` with a password and `mtaprovsrvr/ctl17.reveille.test`, each with keys of etype 17 alone, and so on to 20.
inline PrincipalName client_of(Etype etype) { return parse_principal("cta" + std::to_string(static_cast<int>(etype))); }
inline PrincipalName service_of(Etype etype) {
  return parse_principal("mtaprovsrvr/ctl" + std::to_string(static_cast<int>(etype)) + ".reveille.test");
}
inline constexpr const char* password = "correct horse";

}  // namespace reveille::kerberos::test
