# SPDX-License-Identifier: Apache-2.0
# A core that comes to its first reseed soon after the hash tables are filled, which takes 576 blocks.
if(REVEILLE_RTL)
  reveille_verilate(reveille NAME Vreveille_reseeding FLAGS -GReseedInterval=600)
  target_link_libraries(test_system_reseed PRIVATE Vreveille_reseeding)
endif()
