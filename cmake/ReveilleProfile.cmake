# SPDX-License-Identifier: Apache-2.0
# The Verilated core compiled by clang, with a profile of itself, whatever compiles all else: preset `profiled`.

find_program(REVEILLE_CLANG clang++ REQUIRED)
find_program(REVEILLE_PROFDATA NAMES llvm-profdata llvm-profdata-14 llvm-profdata-19 REQUIRED DOC "Debian's llvm")
execute_process(COMMAND "${REVEILLE_CLANG}" -print-file-name=libclang_rt.profile-${CMAKE_SYSTEM_PROCESSOR}.a
  OUTPUT_VARIABLE REVEILLE_PROFILE_RUNTIME OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT EXISTS "${REVEILLE_PROFILE_RUNTIME}")
  message(FATAL_ERROR "REVEILLE_PROFILE: clang has no ${REVEILLE_PROFILE_RUNTIME}: apt-get install libclang-rt-dev")
endif()

# reveille_profile(<Verilated class> <source>...): library <class>_profiled, in place of <class>, and the program
# reveille-training, of <source>s and reveille_sim, whose `bench` the profile is of.
function(reveille_profile class)
  set(from "${PROJECT_BINARY_DIR}/rtl/${class}")
  set(fast "${from}/${class}__fast.cpp")
  set(data "${CMAKE_CURRENT_BINARY_DIR}/${class}.profdata")
  set(raw "${CMAKE_CURRENT_BINARY_DIR}/${class}.profraw")
  get_target_property(includes reveille_verilator INTERFACE_INCLUDE_DIRECTORIES)
  get_target_property(definitions reveille_verilator INTERFACE_COMPILE_DEFINITIONS)
  list(TRANSFORM definitions PREPEND -D)
  list(TRANSFORM includes PREPEND -isystem)
  set(compile "${REVEILLE_CLANG}" -std=c++20 -O3 -DNDEBUG -fPIC -w ${definitions} ${includes} "-isystem${from}")

  foreach(kind training profiled)
    set(object "${CMAKE_CURRENT_BINARY_DIR}/${class}_${kind}.o")
    set(profile -fprofile-instr-generate)
    set(needed "${fast}")
    if(kind STREQUAL profiled)
      set(profile "-fprofile-instr-use=${data}")
      list(APPEND needed "${data}")
    endif()
    add_custom_command(OUTPUT "${object}"
      COMMAND ${compile} ${profile} -c "${fast}" -o "${object}"
      DEPENDS ${needed}
      COMMENT "Compiling the Verilated core by clang, ${kind}"
      VERBATIM)
    # What runs once, at construction, is the slow half of the library that was Verilated.
    add_library(${class}_${kind} STATIC "${object}" "${from}/${class}__slow.cpp")
    target_compile_options(${class}_${kind} PRIVATE -w -O1)
    target_include_directories(${class}_${kind} SYSTEM PUBLIC "${from}")
    target_link_libraries(${class}_${kind} PUBLIC reveille_verilator)
    reveille_core_under_simulation(reveille_core_${kind} ${class}_${kind} ${class} "${class}.h")
  endforeach()
  target_link_libraries(${class}_training INTERFACE "${REVEILLE_PROFILE_RUNTIME}")
  target_link_options(${class}_training INTERFACE -u __llvm_profile_runtime)

  add_executable(reveille-training ${ARGN})
  target_link_libraries(reveille-training PRIVATE reveille_core_training reveille_sim reveille_compile)
  add_custom_command(OUTPUT "${data}"
    COMMAND "${CMAKE_COMMAND}" -E env "LLVM_PROFILE_FILE=${raw}"
      $<TARGET_FILE:reveille-training> bench --frames 4000 --line-frames 100
    COMMAND "${REVEILLE_PROFDATA}" merge -o "${data}" "${raw}"
    DEPENDS reveille-training
    COMMENT "Running the Verilated core for its profile"
    VERBATIM)
endfunction()
