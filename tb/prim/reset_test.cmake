# SPDX-License-Identifier: Apache-2.0
# Twice: with the plain flip-flop of a part and with that of ECP5.
reveille_verilate(reveille_reset NAME Vreset_plain ${trace})
reveille_verilate(reveille_reset NAME Vreset_ecp5 ${trace}
  SOURCES "${PROJECT_SOURCE_DIR}/synth/ecp5/reveille_reset_part.sv" "${PROJECT_SOURCE_DIR}/synth/ecp5/TRELLIS_FF.sv")
set(verilated Vreset_plain Vreset_ecp5)
