# SPDX-License-Identifier: Apache-2.0
# As it is without a form for a device; and the chain of source and nonce generator, with the model's rings.
reveille_verilate(reveille_noise_source ${trace} FLAGS -GDivision=16)
reveille_verilate(noise_chain ${trace} FLAGS -GDivision=32
  SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/entropy/noise_chain.sv" "${CMAKE_CURRENT_SOURCE_DIR}/entropy/ring_levels_pkg.sv"
    "${CMAKE_CURRENT_SOURCE_DIR}/entropy/reveille_ring_oscillator.sv")
set(verilated Vreveille_noise_source Vnoise_chain)
# In the mapped netlist every ring is there, whole.
add_test(NAME entropy_rings COMMAND "${REVEILLE_PYTHON}" -B "${CMAKE_CURRENT_SOURCE_DIR}/entropy/rings_test.py"
  "${CMAKE_CURRENT_BINARY_DIR}/entropy_rings")
set_tests_properties(entropy_rings PROPERTIES LABELS system TIMEOUT 300)
