# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(reveille): reveille::kerberos, reveille::policy, reveille::core_model and so on.
# Component `models` is what that takes, and target `models` builds it: no program, no SystemC in the link.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY REVEILLE_LIBRARIES)
add_custom_target(models DEPENDS ${libraries})
install(TARGETS ${libraries} reveille_generated EXPORT reveilleTargets ARCHIVE COMPONENT models)
install(EXPORT reveilleTargets NAMESPACE reveille::
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
install(DIRECTORY model/ DESTINATION include/reveille COMPONENT models FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY "${REVEILLE_GENERATED}/include/" DESTINATION include/reveille COMPONENT models)
install(FILES LICENSE LICENSING.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT models)
install(DIRECTORY rtl/ "${REVEILLE_GENERATED}/rtl/" DESTINATION share/reveille/rtl
  FILES_MATCHING PATTERN "*.sv" PATTERN "*.svh" PATTERN "*.rdl" PATTERN "*.yaml")
install(DIRECTORY "${REVEILLE_GENERATED}/docs/" DESTINATION share/doc/reveille)

file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
include("${CMAKE_CURRENT_LIST_DIR}/reveilleTargets.cmake")
]])
write_basic_package_version_file("${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" "${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
