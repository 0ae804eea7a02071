# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(reveille): reveille::kerberos, reveille::policy, reveille::core_model and so on.
# Component `models` is what that takes, and target `models` builds it: no program, no SystemC in the link.
# find_package(reveille COMPONENTS driver) is for reveille::driver alone, and asks for no OpenSSL.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY REVEILLE_LIBRARIES)
add_custom_target(models DEPENDS ${libraries})
install(TARGETS ${libraries} reveille_generated EXPORT reveilleTargets ARCHIVE COMPONENT models)
install(EXPORT reveilleTargets NAMESPACE reveille::
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
install(DIRECTORY model/ DESTINATION include/reveille COMPONENT models FILES_MATCHING PATTERN "*.hpp")
install(FILES "${REVEILLE_GENERATED}/include/reveille/config.hpp" "${REVEILLE_GENERATED}/include/reveille/verdict.hpp"
  DESTINATION include/reveille COMPONENT models)
install(FILES "${REVEILLE_GENERATED}/include/reveille.h" DESTINATION include COMPONENT models)
install(FILES LICENSE LICENSING.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT models)
install(DIRECTORY rtl/ "${REVEILLE_GENERATED}/rtl/" DESTINATION share/reveille/rtl
  FILES_MATCHING PATTERN "*.sv" PATTERN "*.svh" PATTERN "*.rdl" PATTERN "*.yaml")
install(DIRECTORY "${REVEILLE_GENERATED}/docs/" DESTINATION share/doc/reveille)

file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
if(NOT "${reveille_FIND_COMPONENTS}" STREQUAL "driver")
  find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/reveilleTargets.cmake")
foreach(component IN LISTS reveille_FIND_COMPONENTS)
  if(NOT TARGET reveille::${component})
    set(reveille_FOUND FALSE)
    set(reveille_NOT_FOUND_MESSAGE "no library reveille::${component}")
  endif()
endforeach()
]])
write_basic_package_version_file("${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" "${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
