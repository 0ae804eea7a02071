// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/types.hpp"

namespace reveille::core {

using driver::Command, driver::CommandResult;

}  // namespace reveille::core
