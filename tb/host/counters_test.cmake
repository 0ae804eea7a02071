# SPDX-License-Identifier: Apache-2.0
# With the memory of the upper bits in reach of the test.
reveille_verilate(reveille_counters ${trace} FLAGS "${CMAKE_CURRENT_SOURCE_DIR}/host/reach.vlt")
set(verilated Vreveille_counters)
