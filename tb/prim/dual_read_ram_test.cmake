# SPDX-License-Identifier: Apache-2.0
# The same shapes twice: with the plain RAM and with the one of ECP5.
reveille_verilate(dual_read_ram_shapes NAME Vdual_read_ram_plain ${trace}
  SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/prim/dual_read_ram_shapes.sv")
reveille_verilate(dual_read_ram_shapes NAME Vdual_read_ram_ecp5 ${trace}
  SOURCES "${PROJECT_SOURCE_DIR}/synth/ecp5/reveille_dual_read_ram.sv" "${PROJECT_SOURCE_DIR}/synth/ecp5/DP16KD.sv"
    "${CMAKE_CURRENT_SOURCE_DIR}/prim/dual_read_ram_shapes.sv")
set(verilated Vdual_read_ram_plain Vdual_read_ram_ecp5)
