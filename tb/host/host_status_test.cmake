# SPDX-License-Identifier: Apache-2.0
# The block of host_test.cpp.
set(verilated Vreveille_host)
