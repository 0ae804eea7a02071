// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/driver/register_map.hpp"

namespace reveille::core {
namespace address = driver::address;
}  // namespace reveille::core
