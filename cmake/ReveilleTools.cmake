# SPDX-License-Identifier: Apache-2.0
# A build folder holds the work of one set of tools. Where distribution, compiler or Verilator is another than when the
# folder was last configured, what was built is removed: packages bring files older than it, so Ninja would keep it.
# Included before project(), so that the compiler is examined anew; reveille_remember_tools() follows behind it.

# reveille_tools(<result>): names and versions of the tools, a line each.
function(reveille_tools result)
  set(tools)
  if(EXISTS /etc/os-release)
    file(STRINGS /etc/os-release tools REGEX "^PRETTY_NAME=")
  endif()
  set(verilator "${CMAKE_CURRENT_SOURCE_DIR}/scripts/tool/verilator")
  foreach(command "${CMAKE_CXX_COMPILER};--version" "${verilator};--chosen" "${verilator};--version")
    execute_process(COMMAND ${command} OUTPUT_VARIABLE output ERROR_QUIET)
    string(REGEX MATCH "^[^\n]+" line "${output}")
    string(APPEND tools "\n${line}")
  endforeach()
  set(${result} "${tools}" PARENT_SCOPE)
endfunction()

function(reveille_remember_tools)
  reveille_tools(tools)
  file(WRITE "${CMAKE_BINARY_DIR}/tools.txt" "${tools}")
endfunction()

set(tools_file "${CMAKE_BINARY_DIR}/tools.txt")
if(EXISTS "${tools_file}" AND DEFINED CACHE{CMAKE_CXX_COMPILER})
  file(READ "${tools_file}" old)
  reveille_tools(new)
  if(NOT old STREQUAL new)
    message(NOTICE
      "The tools have changed: ${CMAKE_BINARY_DIR} is emptied and built anew.\nbefore: ${old}\nnow: ${new}")
    if(EXISTS "${CMAKE_BINARY_DIR}/build.ninja")
      execute_process(COMMAND "${CMAKE_MAKE_PROGRAM}" -C "${CMAKE_BINARY_DIR}" -t clean
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    elseif(EXISTS "${CMAKE_BINARY_DIR}/Makefile")
      message(FATAL_ERROR "Only Ninja can empty its folder: remove ${CMAKE_BINARY_DIR}, and configure again")
    endif()
    file(REMOVE_RECURSE "${CMAKE_BINARY_DIR}/CMakeFiles/${CMAKE_VERSION}")
    unset(REVEILLE_SYSTEMC_STANDARD CACHE)
  endif()
endif()
