# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(reveille COMPONENTS core driver ...): reveille::core, reveille::driver and so on, a
# library a folder of model/ (docs/library.md). Component `models` is what that takes, and target `models` builds it: no
# program, no SystemC in the link.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY REVEILLE_LIBRARIES)
add_custom_target(models DEPENDS ${libraries})
install(TARGETS ${libraries} reveille_generated EXPORT reveilleTargets ARCHIVE COMPONENT models)
install(EXPORT reveilleTargets NAMESPACE reveille::
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
install(DIRECTORY model/ DESTINATION include/reveille COMPONENT models
  FILES_MATCHING PATTERN "*.hpp" PATTERN generated EXCLUDE)
install(FILES "${REVEILLE_GENERATED_HEADERS}/reveille/config.hpp" "${REVEILLE_GENERATED_HEADERS}/reveille/verdict.hpp"
  DESTINATION include/reveille COMPONENT models)
install(FILES "${REVEILLE_GENERATED_HEADERS}/reveille.h" DESTINATION include COMPONENT models)
install(FILES LICENSE LICENSING.md CHANGELOG.md CONTRIBUTING.md README.md SECURITY.md
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT models)
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT models)
if(REVEILLE_GENERATE)
  install(DIRECTORY rtl/ "${REVEILLE_GENERATED}/rtl/" DESTINATION share/reveille/rtl
    FILES_MATCHING PATTERN "*.sv" PATTERN "*.svh" PATTERN "*.rdl" PATTERN "*.yaml")
  install(DIRECTORY "${REVEILLE_GENERATED}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endif()

file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
# Without components all of them. Those that have no cryptography ask for no OpenSSL.
set(reveille_cryptographic ${reveille_FIND_COMPONENTS})
list(REMOVE_ITEM reveille_cryptographic common net policy driver)
if(reveille_cryptographic OR NOT reveille_FIND_COMPONENTS)
  find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
endif()
unset(reveille_cryptographic)
include("${CMAKE_CURRENT_LIST_DIR}/reveilleTargets.cmake")
foreach(component IN LISTS reveille_FIND_COMPONENTS)
  if(TARGET reveille::${component})
    set(reveille_${component}_FOUND TRUE)
  elseif(reveille_FIND_REQUIRED_${component})
    set(reveille_FOUND FALSE)
    set(reveille_NOT_FOUND_MESSAGE "no library reveille::${component}")
  endif()
endforeach()
]])
write_basic_package_version_file("${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/reveilleConfig.cmake" "${PROJECT_BINARY_DIR}/reveilleConfigVersion.cmake"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/reveille" COMPONENT models)
