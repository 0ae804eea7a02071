// SPDX-License-Identifier: Apache-2.0
// The main of every test program.
#include "catch_session.hpp"

int main(int count, char** arguments) { return run_tests(count, arguments); }
