# SPDX-License-Identifier: Apache-2.0
# The same shapes twice: with the plain RAM and with the one of ECP5.
reveille_verilate(ram_shapes NAME Vram_plain ${trace}
  SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/prim/ram_shapes.sv")
reveille_verilate(ram_shapes NAME Vram_ecp5 ${trace}
  SOURCES "${PROJECT_SOURCE_DIR}/synth/ecp5/reveille_ram.sv" "${PROJECT_SOURCE_DIR}/synth/ecp5/DP16KD.sv"
    "${CMAKE_CURRENT_SOURCE_DIR}/prim/ram_shapes.sv")
set(verilated Vram_plain Vram_ecp5)
