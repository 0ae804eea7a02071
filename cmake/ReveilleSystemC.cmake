# SPDX-License-Identifier: Apache-2.0
# SystemC, for what links target reveille_systemc.

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
