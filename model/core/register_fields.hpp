// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Shorthands for the generated header's macros, for source files alone.
#define MASK(field) REVEILLE_REGISTERS__##field##_bm
#define RESET(field) \
  (static_cast<std::uint32_t>(REVEILLE_REGISTERS__##field##_reset) << REVEILLE_REGISTERS__##field##_bp)
#define FIELD(value, field) (((value)&REVEILLE_REGISTERS__##field##_bm) >> REVEILLE_REGISTERS__##field##_bp)
#define PLACE(value, field) (static_cast<std::uint32_t>(value) << REVEILLE_REGISTERS__##field##_bp)
