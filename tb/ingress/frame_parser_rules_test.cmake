# SPDX-License-Identifier: Apache-2.0
# The block of frame_parser_test.cpp.
set(verilated Vreveille_frame_parser)
