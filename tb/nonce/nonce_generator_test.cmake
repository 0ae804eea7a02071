# SPDX-License-Identifier: Apache-2.0
# Twice: as it is by default, and with everything short.
reveille_verilate(reveille_nonce_generator ${trace})
reveille_verilate(reveille_nonce_generator NAME Vnonce_generator_short ${trace}
  FLAGS -GStartupSamples=40 -GSeedSamples=24 -GReseedInterval=3 -GRctCutoff=4 -GAptCutoff=30)
set(verilated Vreveille_nonce_generator Vnonce_generator_short reveille_core)
