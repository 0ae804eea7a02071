# SPDX-License-Identifier: Apache-2.0
# The same widths twice: with the plain comparator and with the one of ECP5.
reveille_verilate(equal_widths NAME Vequal_plain ${trace}
  SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/prim/equal_widths.sv")
reveille_verilate(equal_widths NAME Vequal_ecp5 ${trace}
  SOURCES "${PROJECT_SOURCE_DIR}/synth/ecp5/reveille_equal.sv" "${PROJECT_SOURCE_DIR}/synth/ecp5/CCU2C.sv"
    "${CMAKE_CURRENT_SOURCE_DIR}/prim/equal_widths.sv")
set(verilated Vequal_plain Vequal_ecp5)
