# SPDX-License-Identifier: Apache-2.0

if(REVEILLE_RTL)
  if("${PROJECT_SOURCE_DIR}${PROJECT_BINARY_DIR}" MATCHES "[ \t]")
    message(FATAL_ERROR
      "The path of the source folder, ${PROJECT_SOURCE_DIR}, or of the build folder, ${PROJECT_BINARY_DIR}, "
      "has a blank, with which Verilator cannot work: move it to a path without")
  endif()

  # Chosen here once: what is on PATH when building may be another.
  execute_process(
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/tool/verilator" --chosen
    OUTPUT_VARIABLE chosen OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(REVEILLE_WITH_VERILATOR "${CMAKE_COMMAND}" -E env "REVEILLE_VERILATOR=${chosen}")
  execute_process(
    COMMAND ${REVEILLE_WITH_VERILATOR} "${PROJECT_SOURCE_DIR}/scripts/tool/verilator" --getenv VERILATOR_ROOT
    OUTPUT_VARIABLE verilator_root OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(verilator_include "${verilator_root}/include")

  # Verilator's runtime, with and without waveforms: the two differ in macros, so they are two libraries.
  function(reveille_add_verilator_runtime target)
    add_library(${target} STATIC
      "${verilator_include}/verilated.cpp" "${verilator_include}/verilated_threads.cpp" ${ARGN})
    target_include_directories(${target} SYSTEM PUBLIC "${verilator_include}" "${verilator_include}/vltstd")
    target_link_libraries(${target} PUBLIC Threads::Threads)
    target_compile_options(${target} PRIVATE -w)
  endfunction()
  reveille_add_verilator_runtime(reveille_verilator)
  target_compile_definitions(reveille_verilator PUBLIC VM_TRACE=0 VM_COVERAGE=0)
  if(REVEILLE_COVERAGE OR REVEILLE_FUZZ)
    target_sources(reveille_verilator PRIVATE "${verilator_include}/verilated_cov.cpp")
  endif()

  find_package(ZLIB REQUIRED)
  find_library(REVEILLE_LZ4 lz4 REQUIRED DOC "The LZ4 library, for FST waveforms")
  reveille_add_verilator_runtime(reveille_verilator_trace "${verilator_include}/verilated_fst_c.cpp")
  target_compile_definitions(reveille_verilator_trace PUBLIC VM_TRACE=1 VM_TRACE_FST=1 VM_COVERAGE=0)
  target_link_libraries(reveille_verilator_trace PUBLIC ZLIB::ZLIB "${REVEILLE_LZ4}")
endif()

set(REVEILLE_RTL_FOLDERS ingress guard nonce entropy egress host prim)

# reveille_verilate(<top> [TRACE] [NAME <name>] [SOURCES <file>... | NETLIST <file>...] [FLAGS <flag>...])
#
# Library <name> (default V<top>) with the Verilated class <name> of module <top>, header "<name>.h". The module is
# found by its name in rtl/, and so are those that it names; SOURCES is for what lies elsewhere, or is to be taken
# instead, and NETLIST for all that there is. TRACE: with FST waveforms. Assertions are live, and what a design leaves
# without a value is random, from VerilatedContext::randReset(2) and randSeed.
function(reveille_verilate top)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TRACE" "NAME" "SOURCES;NETLIST;FLAGS")
  if(NOT arg_NAME)
    set(arg_NAME "V${top}")
  endif()
  set(runtime reveille_verilator)
  if(REVEILLE_COVERAGE AND NOT arg_TRACE)
    # Registers power up as 0: a change from a random value to that of reset would count as a toggle. The widest struct
    # has fewer bits than this, block RAMs have more.
    list(APPEND arg_FLAGS --coverage-line --coverage-toggle --coverage-max-width 2048 --x-initial 0)
  endif()
  if(arg_TRACE)
    set(runtime reveille_verilator_trace)
    list(APPEND arg_FLAGS --trace-fst --trace-structs)
  endif()
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}")
  set(made_of "${REVEILLE_GENERATED}" ${arg_SOURCES})
  set(read ${REVEILLE_GENERATED_RTL} ${arg_SOURCES} "${PROJECT_SOURCE_DIR}/scripts/tool/rtl_files.py")
  if(arg_NETLIST)
    set(made_of --netlist ${arg_NETLIST})
    set(read ${arg_NETLIST})
  endif()
  # Verilator decides how many files it writes; two of our own include them all, so that CMake knows their names.
  add_custom_command(
    OUTPUT "${out}/${arg_NAME}.h" "${out}/${arg_NAME}__fast.cpp" "${out}/${arg_NAME}__slow.cpp"
    COMMAND ${REVEILLE_WITH_VERILATOR} "${PROJECT_SOURCE_DIR}/scripts/tool/verilate" "${out}" "${arg_NAME}" ${top}
      ${made_of} -- ${arg_FLAGS}
    DEPENDS ${read} "${PROJECT_SOURCE_DIR}/rtl/waivers.vlt" "${PROJECT_SOURCE_DIR}/scripts/tool/verilate"
    DEPFILE "${out}/${arg_NAME}.d"
    COMMENT "Verilating ${top}"
    COMMAND_EXPAND_LISTS
    VERBATIM)
  add_library(${arg_NAME} STATIC "${out}/${arg_NAME}.h" "${out}/${arg_NAME}__fast.cpp" "${out}/${arg_NAME}__slow.cpp")
  target_include_directories(${arg_NAME} SYSTEM PUBLIC "${out}")
  target_compile_options(${arg_NAME} PRIVATE -w)
  if(REVEILLE_COVERAGE)
    target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tb")
  endif()
  # The slow half runs once, at construction.
  set_source_files_properties("${out}/${arg_NAME}__slow.cpp" PROPERTIES COMPILE_OPTIONS "-O1")
  target_link_libraries(${arg_NAME} PUBLIC ${runtime})
endfunction()
