# SPDX-License-Identifier: Apache-2.0
# Twice: with the plain register and with that of ECP5.
reveille_verilate(reveille_register_copy NAME Vregister_copy_plain ${trace})
reveille_verilate(reveille_register_copy NAME Vregister_copy_ecp5 ${trace}
  SOURCES "${PROJECT_SOURCE_DIR}/synth/ecp5/reveille_register_copy.sv" "${PROJECT_SOURCE_DIR}/synth/ecp5/TRELLIS_FF.sv")
set(verilated Vregister_copy_plain Vregister_copy_ecp5)
