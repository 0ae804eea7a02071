# SPDX-License-Identifier: Apache-2.0
# How everything of ours is compiled: target reveille_compile. And the libraries from outside.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(REVEILLE_CCACHE ccache DOC "Compiler cache; empty for none")
if(REVEILLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${REVEILLE_CCACHE}")
endif()

find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)

add_library(reveille_compile INTERFACE)
target_compile_features(reveille_compile INTERFACE cxx_std_20)
target_compile_options(reveille_compile INTERFACE -Wall -Wextra $<$<BOOL:${REVEILLE_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 sees overruns that are none in inlined std::vector operations; the sanitizers look for the true ones.
  target_compile_options(reveille_compile INTERFACE
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  if(REVEILLE_SANITIZE)
    # And uninitialized uses that are none, in instrumented std::regex.
    target_compile_options(reveille_compile INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

if(REVEILLE_SANITIZE)
  # Instrumented code takes long to compile: half as long with less optimization, and lines for all debug information.
  add_compile_options(-O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

find_package(SystemCLanguage CONFIG QUIET)
if(NOT TARGET SystemC::systemc)
  find_path(REVEILLE_SYSTEMC_INCLUDE systemc REQUIRED DOC "Folder of the header systemc")
  find_library(REVEILLE_SYSTEMC_LIBRARY systemc REQUIRED DOC "The SystemC library")
  add_library(SystemC::systemc INTERFACE IMPORTED)
  target_include_directories(SystemC::systemc SYSTEM INTERFACE "${REVEILLE_SYSTEMC_INCLUDE}")
  target_link_libraries(SystemC::systemc INTERFACE "${REVEILLE_SYSTEMC_LIBRARY}")
endif()
add_library(reveille_systemc INTERFACE)
target_link_libraries(reveille_systemc INTERFACE SystemC::systemc Threads::Threads)
# The library asks every program that loads it for an sc_main; one that uses no SystemC does not load it.
target_link_options(reveille_systemc INTERFACE LINKER:--as-needed)

# SystemC's headers link only as the C++ standard that the library was built with, and its interface does not depend on
# it: they are told that one, whatever they are compiled as. It is the one that links.
if(NOT REVEILLE_SYSTEMC_STANDARD)
  foreach(standard 202002L 201703L 201402L 201103L)
    try_compile(links "${PROJECT_BINARY_DIR}/systemc" SOURCES "${PROJECT_SOURCE_DIR}/cmake/systemc.cpp"
      COMPILE_DEFINITIONS -DSC_CPLUSPLUS=${standard} LINK_LIBRARIES SystemC::systemc Threads::Threads
      CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON OUTPUT_VARIABLE output)
    if(links)
      set(REVEILLE_SYSTEMC_STANDARD ${standard} CACHE STRING "__cplusplus that the SystemC library was built with")
      break()
    endif()
  endforeach()
  if(NOT links)
    message(FATAL_ERROR
      "cmake/systemc.cpp links with the SystemC library as none of C++ 11 to 20; as the last:\n${output}")
  endif()
endif()
target_compile_definitions(reveille_systemc INTERFACE SC_CPLUSPLUS=${REVEILLE_SYSTEMC_STANDARD})
