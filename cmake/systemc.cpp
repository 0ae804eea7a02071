// SPDX-License-Identifier: Apache-2.0
// Links where the SystemC library and this are of one C++ standard: see ReveilleCompile.cmake.
#include <systemc>

int sc_main(int, char**) { return 0; }
