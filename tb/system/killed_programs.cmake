# SPDX-License-Identifier: Apache-2.0
add_library(killed_at MODULE system/killed_at.cpp)
target_link_libraries(killed_at PRIVATE reveille_compile)
target_compile_definitions(test_system_killed_programs PRIVATE KILLED_AT="$<TARGET_FILE:killed_at>")
add_dependencies(test_system_killed_programs killed_at)
