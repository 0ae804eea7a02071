# SPDX-License-Identifier: Apache-2.0
# Tests that are scripts.

if(REVEILLE_RTL AND EXISTS "${PROJECT_SOURCE_DIR}/rtl/reveille.sv")
  add_test(NAME system_icarus
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/icarus_smoke.sh" "${CMAKE_CURRENT_BINARY_DIR}/icarus")
  add_test(NAME system_emitted_verilog
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/emitted_verilog.sh" "${CMAKE_CURRENT_BINARY_DIR}/emitted_verilog")
  # Without planted bugs, which scripts/verify plants.
  add_test(NAME system_proofs COMMAND "${REVEILLE_PYTHON}" "${PROJECT_SOURCE_DIR}/scripts/tool/prove.py" --quick
    --generated "${REVEILLE_GENERATED}" --out "${PROJECT_BINARY_DIR}/formal"
    --results "${PROJECT_BINARY_DIR}/formal/results.json")
  # A release of the core, and what others' tools make of it.
  set(release "${CMAKE_CURRENT_BINARY_DIR}/release")
  add_test(NAME system_release
    COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/release_test.py" "${release}")
  set_tests_properties(system_release PROPERTIES LABELS "system" TIMEOUT 1200 FIXTURES_SETUP release)
  foreach(tool fusesoc bender cocotb)
    add_test(NAME system_${tool} COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/flows_test.py"
      ${tool} "${release}/release" "${CMAKE_CURRENT_BINARY_DIR}/${tool}")
    set_tests_properties(system_${tool} PROPERTIES LABELS "system" TIMEOUT 1200
      SKIP_RETURN_CODE 77 FIXTURES_REQUIRED release)
  endforeach()
  add_test(NAME system_examples
    COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/examples_test.py" "${release}/release")
  set_tests_properties(system_examples PROPERTIES LABELS "system" TIMEOUT 600
    SKIP_RETURN_CODE 77 FIXTURES_REQUIRED release)
  add_test(NAME system_litex COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/litex_test.py"
    "${release}/release" "${CMAKE_CURRENT_BINARY_DIR}/litex")
  set_tests_properties(system_litex PROPERTIES LABELS "system" TIMEOUT 1200
    SKIP_RETURN_CODE 77 FIXTURES_REQUIRED release)
  # The board at its RGMII pins.
  set(board "${CMAKE_CURRENT_BINARY_DIR}/board")
  add_test(NAME board_elaborate
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/synth" board colorlight_5a_75b --elaborate --out "${board}")
  set_tests_properties(board_elaborate PROPERTIES LABELS "system" TIMEOUT 600 FIXTURES_SETUP board)
  add_test(NAME board_pins COMMAND "${PROJECT_SOURCE_DIR}/build/litex/bin/python" -B
    "${PROJECT_SOURCE_DIR}/tb/board/board_test.py" "${board}")
  set_tests_properties(board_pins PROPERTIES LABELS "system" TIMEOUT 1200 SKIP_RETURN_CODE 77 FIXTURES_REQUIRED board)
  # RMII, and the boards' files; LiteX is there by then.
  add_test(NAME board_phy COMMAND "${PROJECT_SOURCE_DIR}/build/litex/bin/python" -B
    "${PROJECT_SOURCE_DIR}/tb/board/phy_test.py" "${CMAKE_CURRENT_BINARY_DIR}/board_phy")
  set_tests_properties(board_phy PROPERTIES LABELS "system" TIMEOUT 300 FIXTURES_REQUIRED board)
  # What the tutorial says, to the letter. The page on testbenches takes what the build of its name has made.
  set(tutorial "${PROJECT_SOURCE_DIR}/docs/tutorial")
  set(pages "${tutorial}/follow-one-frame.md")
  if(PROJECT_BINARY_DIR STREQUAL "${PROJECT_SOURCE_DIR}/build/release")
    list(APPEND pages "${tutorial}/write-a-testbench.md")
  endif()
  foreach(page IN LISTS pages)
    cmake_path(GET page STEM name)
    add_test(NAME system_tutorial_${name}
      COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/tutorial_test.py" "${page}")
    set_tests_properties(system_tutorial_${name} PROPERTIES LABELS "system" TIMEOUT 600)
  endforeach()
  set_tests_properties(system_icarus system_emitted_verilog system_proofs PROPERTIES LABELS "system" TIMEOUT 1800)
endif()

# What is installed under the sanitizers needs them when linked.
add_test(NAME system_package
  COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/package.sh" "${PROJECT_BINARY_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/package"
    $<$<BOOL:${REVEILLE_SANITIZE}>:-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=address,undefined>
  COMMAND_EXPAND_LISTS)
set_tests_properties(system_package PROPERTIES LABELS "system")
reveille_set_timeout(system_package 1200)

# That every bug can still be planted; planting them takes long (docs/verification.md).
add_test(NAME system_planted_bugs COMMAND "${PROJECT_SOURCE_DIR}/scripts/plant-bugs" --check)
set_tests_properties(system_planted_bugs PROPERTIES LABELS "system" TIMEOUT 1200)

# That every reset value can still be inverted, and what is said to be equivalent still stands; to run them takes long.
add_test(NAME system_reset_mutants
  COMMAND "${REVEILLE_PYTHON}" "${PROJECT_SOURCE_DIR}/scripts/mutate" resets --list "${REVEILLE_GENERATED}")
set_tests_properties(system_reset_mutants PROPERTIES LABELS "system" TIMEOUT 60)

# What is listed as proved is, and none of those that are not equivalent.
add_test(NAME system_reset_equivalence
  COMMAND "${REVEILLE_PYTHON}" -B "${PROJECT_SOURCE_DIR}/scripts/tool/reset_equivalence.py"
    "${CMAKE_CURRENT_BINARY_DIR}/reset_equivalence/generated" "${CMAKE_CURRENT_BINARY_DIR}/reset_equivalence"
    --listed)
set_tests_properties(system_reset_equivalence PROPERTIES LABELS "system" TIMEOUT 900)

# Two mutants of the netlist are equivalent since a counter takes as many steps to its end.
add_test(NAME system_count_equivalence
  COMMAND "${REVEILLE_PYTHON}" -B "${PROJECT_SOURCE_DIR}/scripts/tool/count_equivalence.py")
set_tests_properties(system_count_equivalence PROPERTIES LABELS "system" TIMEOUT 60)

# The mutants of the models are made and played by a long command; how they are made is tried on a small source.
add_test(NAME system_model_mutants
  COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/model_mutants_test.py"
    "${CMAKE_CURRENT_BINARY_DIR}/model_mutants")
set_tests_properties(system_model_mutants PROPERTIES LABELS "system" TIMEOUT 300)

add_test(NAME system_generate
  COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/generate_test.py"
    "${REVEILLE_GENERATED}/include/reveille.h")
set_tests_properties(system_generate PROPERTIES LABELS "system" TIMEOUT 300 SKIP_RETURN_CODE 77)

add_test(NAME system_plan COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/plan_test.py")
set_tests_properties(system_plan PROPERTIES LABELS "system" TIMEOUT 300)

add_test(NAME system_coverage COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/coverage_test.py")
set_tests_properties(system_coverage PROPERTIES LABELS "system" TIMEOUT 300)

add_test(NAME system_docs
  COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/docs_test.py" "${CMAKE_CURRENT_BINARY_DIR}/docs")
set_tests_properties(system_docs PROPERTIES LABELS "system" TIMEOUT 600)

# The pages in a browser, where there is one.
if(TARGET reveille)
  add_test(NAME system_axe COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/axe_test.py"
    "$<TARGET_FILE:reveille>" "$<TARGET_FILE:test_sim>" "${CMAKE_CURRENT_BINARY_DIR}/axe")
  set_tests_properties(system_axe PROPERTIES LABELS "system" TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()

# The sample capture of docs.
if(TARGET reveille)
  add_test(NAME system_sample COMMAND "${REVEILLE_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/system/sample_test.py"
    "$<TARGET_FILE:reveille>" "${CMAKE_CURRENT_BINARY_DIR}/sample")
  set_tests_properties(system_sample PROPERTIES LABELS "system" TIMEOUT 300)
endif()

# The core between two hosts, where there may be network namespaces.
if(TARGET reveille)
  add_test(NAME system_live COMMAND "${REVEILLE_PYTHON}" -B "${CMAKE_CURRENT_SOURCE_DIR}/system/live_test.py"
    "$<TARGET_FILE:reveille>" $<$<BOOL:${REVEILLE_RTL}>:rtl>
    COMMAND_EXPAND_LISTS)
  set_tests_properties(system_live PROPERTIES LABELS "system" SKIP_RETURN_CODE 77)
  reveille_set_timeout(system_live 300)
endif()

foreach(script scripts tools)
  add_test(NAME system_${script}
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/${script}_test.sh" "${CMAKE_CURRENT_BINARY_DIR}/${script}")
  set_tests_properties(system_${script} PROPERTIES LABELS "system" TIMEOUT 1200)
endforeach()
