// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/types.hpp"

namespace reveille::core {

using driver::Command, driver::CommandCode, driver::CommandResult, driver::ResultCode;

}  // namespace reveille::core
