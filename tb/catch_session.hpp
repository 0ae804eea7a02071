// SPDX-License-Identifier: Apache-2.0
#pragma once

// What runs the tests of a program, for one source of it, which includes nothing else of Catch2 before.

#if REVEILLE_CATCH2_VERSION >= 3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#endif

#include "catch.hpp"

/// Runs them as Catch2's command line says: how many failed, or its status for bad input.
inline int run_tests(int count, char** arguments) { return Catch::Session().run(count, arguments); }
