# SPDX-License-Identifier: Apache-2.0
# The block of session_control_test.cpp, with its visits in view.
set(verilated Vreveille_session_control)
