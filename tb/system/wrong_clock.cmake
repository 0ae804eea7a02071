# SPDX-License-Identifier: Apache-2.0
add_library(shifted_clock MODULE system/shifted_clock.cpp)
target_link_libraries(shifted_clock PRIVATE reveille_compile)
target_compile_definitions(test_system_wrong_clock PRIVATE SHIFTED_CLOCK="$<TARGET_FILE:shifted_clock>")
add_dependencies(test_system_wrong_clock shifted_clock)
