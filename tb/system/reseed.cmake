# SPDX-License-Identifier: Apache-2.0
# A core that comes to its first reseed soon after the hash tables are filled, which takes 1,024 blocks.
if(REVEILLE_RTL)
  reveille_verilate(reveille NAME Vreveille_reseeding FLAGS -GReseedInterval=1048)
  target_link_libraries(test_system_reseed PRIVATE Vreveille_reseeding)
endif()
