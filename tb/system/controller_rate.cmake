# SPDX-License-Identifier: Apache-2.0
find_package(PkgConfig REQUIRED)
pkg_check_modules(krb5 REQUIRED IMPORTED_TARGET krb5)
target_link_libraries(test_system_controller_rate PRIVATE PkgConfig::krb5)
