# SPDX-License-Identifier: Apache-2.0
# cmake -D SOURCE=<folder> -D VERSION=<version> -D OUT=<file> -P revision.cmake
# Writes the header that names the version and the revision of the sources; a file that would not change stays.
find_program(git git)
set(revision "")
if(git)
  # Of a clone that the sources only lie in, the commit says nothing about them.
  execute_process(COMMAND "${git}" -C "${SOURCE}" rev-parse --show-prefix
    OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(git AND "${place}" STREQUAL "")
  execute_process(COMMAND "${git}" -C "${SOURCE}" describe --always --dirty=-modified --abbrev=12 --match ""
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT [[
#pragma once
#define REVEILLE_VERSION "@VERSION@"
#define REVEILLE_REVISION "@revision@"
]])
