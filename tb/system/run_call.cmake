# SPDX-License-Identifier: Apache-2.0
target_link_libraries(test_system_run_call PRIVATE OpenSSL::Crypto)
