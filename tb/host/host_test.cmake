# SPDX-License-Identifier: Apache-2.0
# With its counts in reach of the tests.
reveille_verilate(reveille_host ${trace} FLAGS "${CMAKE_CURRENT_SOURCE_DIR}/host/reach.vlt")
set(verilated Vreveille_host)
