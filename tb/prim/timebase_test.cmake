# SPDX-License-Identifier: Apache-2.0
# Twice: as it is by default, and with the longest cycle.
reveille_verilate(reveille_timebase ${trace})
reveille_verilate(reveille_timebase NAME Vtimebase_slow ${trace} FLAGS -GIncrement=999999)
set(verilated Vreveille_timebase Vtimebase_slow)
