# SPDX-License-Identifier: Apache-2.0
# The same module with a constant that its assertion allows, and with one that it does not.
set(planted "${CMAKE_CURRENT_SOURCE_DIR}/prim/assert_planted.sv")
reveille_verilate(assert_planted NAME Vassert_planted ${trace} SOURCES "${planted}")
reveille_verilate(assert_planted NAME Vassert_bad ${trace} SOURCES "${planted}" FLAGS -GBad=1)
set(verilated Vassert_planted Vassert_bad)
add_test(NAME prim_assert_synthesis
  COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/prim/assert_synthesis.sh" "${planted}" "${CMAKE_CURRENT_BINARY_DIR}")
set_tests_properties(prim_assert_synthesis PROPERTIES LABELS rtl TIMEOUT 60)
