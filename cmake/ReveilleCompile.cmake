# SPDX-License-Identifier: Apache-2.0
# How everything of ours is compiled: target reveille_compile. And the libraries that the models need.

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

if(REVEILLE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
