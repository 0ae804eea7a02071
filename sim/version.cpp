// SPDX-License-Identifier: Apache-2.0
#include "version.hpp"

#include "reveille/config.hpp"
#include "reveille_revision.hpp"

namespace reveille::sim {

std::string_view version() { return REVEILLE_VERSION; }
std::string_view revision() { return REVEILLE_REVISION; }
std::string_view configuration() { return config::kName; }

}  // namespace reveille::sim
