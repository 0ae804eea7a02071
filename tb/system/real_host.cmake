# SPDX-License-Identifier: Apache-2.0
# Its exit status where it cannot run: without rights to a network namespace and a TAP.
set_tests_properties(system_real_host PROPERTIES SKIP_RETURN_CODE 77)
