// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <reveille.h>

/// Shorthands for the generated header's macros, for source files alone.
#define MASK(field) REVEILLE_##field##_MASK
#define RESET(reg) REVEILLE_##reg##_RESET
#define FIELD(value, field) (((value)&REVEILLE_##field##_MASK) >> REVEILLE_##field##_SHIFT)
#define PLACE(value, field) (static_cast<std::uint32_t>(value) << REVEILLE_##field##_SHIFT)
