# SPDX-License-Identifier: Apache-2.0

if(REVEILLE_TESTS)
  # Version 3 where it is, else 2: tb/catch.hpp.
  find_package(Catch2 3 QUIET)
  if(NOT Catch2_FOUND)
    find_package(Catch2 2.13 REQUIRED)
  endif()
  # Compiled once, for it is slow; and an object, not a library: libsystemc has a main as well, and of libraries the
  # linker takes the first that has one.
  add_library(reveille_catch_main OBJECT tb/main.cpp)
  target_compile_definitions(reveille_catch_main PUBLIC REVEILLE_CATCH2_VERSION=${Catch2_VERSION_MAJOR})
  target_link_libraries(reveille_catch_main PUBLIC Catch2::Catch2)
endif()

# reveille_set_timeout(<test> <seconds>): so long when optimized; the sanitizers, and no optimization, take theirs.
function(reveille_set_timeout test seconds)
  if(REVEILLE_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL Debug)
    math(EXPR seconds "${seconds} * 5")
  endif()
  set_tests_properties(${test} PROPERTIES TIMEOUT ${seconds})
endfunction()

# reveille_test_program(<executable> LIBS <library>...)
#
# What programs of Catch2 tests have in common.
function(reveille_test_program program)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
  target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}/tb" "${REVEILLE_GENERATED}/include")
  # Compiling the tests takes longer than running them; what they test is optimized in full.
  target_compile_options(${program} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${program} PRIVATE ${arg_LIBS} reveille_catch_main reveille_compile)
endfunction()

# reveille_add_test(<name> [LABEL <label>] SOURCES <file>... LIBS <library>...)
#
# Executable test_<name> of Catch2 tests, one ctest of name <name>, part of target tests_<label>. It runs in the source
# folder's root, and finds data as "tb/...".
function(reveille_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LIBS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 1200)
  endif()
  add_executable(test_${name} ${arg_SOURCES})
  reveille_test_program(test_${name} LIBS ${arg_LIBS})
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}")
  if(NOT TARGET tests_${arg_LABEL})
    add_custom_target(tests_${arg_LABEL})
  endif()
  add_dependencies(tests_${arg_LABEL} test_${name})
  reveille_set_timeout(${name} ${arg_TIMEOUT})
endfunction()
