// SPDX-License-Identifier: Apache-2.0
// The main of every test program.
#if REVEILLE_CATCH2_VERSION >= 3

#include <catch2/catch_session.hpp>

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }

#else

#define CATCH_CONFIG_MAIN
#include "catch.hpp"

#endif
