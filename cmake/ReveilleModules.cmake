# SPDX-License-Identifier: Apache-2.0

# reveille_add_library(<folder> LIBS <library>...)
#
# Library reveille_<folder> of every .cpp in <folder>; header-only while there is none.
# A new file is picked up by itself. Headers are included as "reveille/<folder>/<header>.hpp", here and behind the
# installation alike: generated/include looks as include will, with a link to <folder>.
function(reveille_add_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
  set(target "reveille_${folder}")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")

  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:reveille_compile>)
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(reveille::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME "${folder}")
  target_compile_features(${target} ${scope} cxx_std_20)
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}/${folder}" "${REVEILLE_GENERATED}/include/reveille/${folder}" SYMBOLIC)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${REVEILLE_GENERATED}/include>
    $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} ${scope} ${arg_LIBS})
  set_property(GLOBAL APPEND PROPERTY REVEILLE_LIBRARIES ${target})
endfunction()
