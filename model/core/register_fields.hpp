// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/driver/register_fields.hpp"
