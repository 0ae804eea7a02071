# SPDX-License-Identifier: Apache-2.0
# Twice: with two read cycles for a look-up, and with four.
reveille_verilate(reveille_half_flags NAME Vhalf_flags_two ${trace})
reveille_verilate(reveille_half_flags NAME Vhalf_flags_four ${trace}
  SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/guard/four_reads/reveille_config_pkg.sv")
set(verilated Vhalf_flags_two Vhalf_flags_four)
