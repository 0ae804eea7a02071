# SPDX-License-Identifier: Apache-2.0
# What is written once and generated when building. Target reveille_generated carries the include path:
#   a configuration of rtl/configs  -> generated/include/reveille/config.hpp, generated/rtl/reveille_config_pkg.sv,
#                                      generated/docs/configurations.md
#   docs/verdicts.json              -> generated/include/reveille/verdict.hpp, generated/rtl/reveille_verdict_pkg.sv,
#                                      generated/docs/verdicts.md
#   rtl/host/reveille_registers.rdl -> generated/include/reveille.h,
#                                      generated/rtl/reveille_registers{,_pkg}.sv, generated/docs/registers.md
# With REVEILLE_GENERATE off, which needs no Python, the three headers are those of model/generated, for configuration
# `line`; test system_package compares the two.

set(REVEILLE_GENERATED "${PROJECT_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${REVEILLE_GENERATED}/include/reveille" "${REVEILLE_GENERATED}/rtl" "${REVEILLE_GENERATED}/docs")

if(REVEILLE_GENERATE)
  set(REVEILLE_GENERATED_HEADERS "${REVEILLE_GENERATED}/include")
else()
  set(REVEILLE_GENERATED_HEADERS "${PROJECT_SOURCE_DIR}/model/generated")
endif()
add_library(reveille_generated INTERFACE)
target_include_directories(reveille_generated INTERFACE
  $<BUILD_INTERFACE:${REVEILLE_GENERATED_HEADERS}>
  $<INSTALL_INTERFACE:include>)

if(NOT REVEILLE_GENERATE)
  if(DEFINED REVEILLE_CONFIGURATION AND NOT REVEILLE_CONFIGURATION STREQUAL line)
    message(FATAL_ERROR
      "REVEILLE_CONFIGURATION: ${REVEILLE_CONFIGURATION} is to be generated: expected line, or REVEILLE_GENERATE on")
  endif()
  return()
endif()

set(venv "${PROJECT_SOURCE_DIR}/.venv/bin")
if(NOT EXISTS "${venv}/python")
  message(FATAL_ERROR
    "No ${venv}/python: run scripts/setup first. The models alone need none: cmake --preset model")
endif()
set(REVEILLE_PYTHON "${venv}/python")

set(REVEILLE_CONFIGURATION line CACHE STRING
  "The core's sizes: a name in rtl/configs, or the path of a file like those")
set(configuration_script "${PROJECT_SOURCE_DIR}/scripts/generate/configuration.py")
execute_process(
  COMMAND "${REVEILLE_PYTHON}" "${configuration_script}" "${REVEILLE_CONFIGURATION}" --path
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE configuration OUTPUT_STRIP_TRAILING_WHITESPACE
  ERROR_VARIABLE output RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "REVEILLE_CONFIGURATION: ${output}")
endif()
file(GLOB configurations CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/rtl/configs/*.yaml")
add_custom_command(
  OUTPUT
    "${REVEILLE_GENERATED}/include/reveille/config.hpp"
    "${REVEILLE_GENERATED}/rtl/reveille_config_pkg.sv"
    "${REVEILLE_GENERATED}/docs/configurations.md"
  COMMAND "${REVEILLE_PYTHON}" "${configuration_script}" "${configuration}" "${REVEILLE_GENERATED}"
  DEPENDS "${configuration}" ${configurations} "${configuration_script}"
  COMMENT "Generating the configuration"
  VERBATIM)

set(verdicts "${PROJECT_SOURCE_DIR}/docs/verdicts.json")
set(verdicts_script "${PROJECT_SOURCE_DIR}/scripts/generate/verdicts.py")
add_custom_command(
  OUTPUT
    "${REVEILLE_GENERATED}/include/reveille/verdict.hpp"
    "${REVEILLE_GENERATED}/rtl/reveille_verdict_pkg.sv"
    "${REVEILLE_GENERATED}/docs/verdicts.md"
  COMMAND "${REVEILLE_PYTHON}" "${verdicts_script}" "${verdicts}" "${REVEILLE_GENERATED}"
  DEPENDS "${verdicts}" "${verdicts_script}"
  COMMENT "Generating the verdicts"
  VERBATIM)
set(generated_files
  "${REVEILLE_GENERATED}/include/reveille/config.hpp" "${REVEILLE_GENERATED}/include/reveille/verdict.hpp")
set(REVEILLE_GENERATED_RTL
  "${REVEILLE_GENERATED}/rtl/reveille_config_pkg.sv" "${REVEILLE_GENERATED}/rtl/reveille_verdict_pkg.sv")

set(registers "${PROJECT_SOURCE_DIR}/rtl/host/reveille_registers.rdl")
file(GLOB registers_found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/rtl/host/*.rdl")
if(registers_found)
  add_custom_command(
    OUTPUT
      "${REVEILLE_GENERATED}/include/reveille.h"
      "${REVEILLE_GENERATED}/rtl/reveille_registers.sv"
      "${REVEILLE_GENERATED}/rtl/reveille_registers_pkg.sv"
      "${REVEILLE_GENERATED}/docs/registers.md"
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/generate/registers" "${registers}" "${verdicts}" "${configuration}"
      "${REVEILLE_GENERATED}"
    DEPENDS "${registers}" "${verdicts}" "${verdicts_script}" "${configuration}" "${configuration_script}"
      "${PROJECT_SOURCE_DIR}/scripts/generate/registers"
      "${PROJECT_SOURCE_DIR}/scripts/generate/c_header.py" "${PROJECT_SOURCE_DIR}/scripts/generate/register_file.py"
      "${PROJECT_SOURCE_DIR}/scripts/generate/register_words.py"
      "${PROJECT_SOURCE_DIR}/scripts/generate/registers_page.py"
    COMMENT "Generating the registers"
    VERBATIM)
  list(APPEND generated_files "${REVEILLE_GENERATED}/include/reveille.h")
  list(APPEND REVEILLE_GENERATED_RTL "${REVEILLE_GENERATED}/rtl/reveille_registers_pkg.sv")
endif()

add_custom_target(reveille_generate ALL DEPENDS ${generated_files})
add_dependencies(reveille_generated reveille_generate)
