# SPDX-License-Identifier: Apache-2.0
# The functions in a module of their own, and what they are to give.
reveille_verilate(cutoffs NAME Vcutoffs ${trace} SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/nonce/cutoffs.sv")
set(cutoffs_header "${CMAKE_CURRENT_BINARY_DIR}/cutoffs/cutoffs.hpp")
add_custom_command(
  OUTPUT "${cutoffs_header}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_CURRENT_BINARY_DIR}/cutoffs"
  COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/nonce/cutoffs.py" "${cutoffs_header}"
  DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/nonce/cutoffs.py"
  VERBATIM)
add_custom_target(cutoffs_header DEPENDS "${cutoffs_header}")
add_library(cutoffs_expected INTERFACE)
add_dependencies(cutoffs_expected cutoffs_header)
target_include_directories(cutoffs_expected INTERFACE "${CMAKE_CURRENT_BINARY_DIR}/cutoffs")
set(verilated Vcutoffs cutoffs_expected)
