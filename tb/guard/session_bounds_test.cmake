# SPDX-License-Identifier: Apache-2.0
# The block of session_guard_test.cpp, under another bench.
set(verilated Vreveille_session_guard)
