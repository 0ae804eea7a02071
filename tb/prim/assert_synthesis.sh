#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: assert_synthesis.sh FILE FOLDER
# Reads FILE as synthesis does, but without SYNTHESIS defined and without the option that drops assertions: no assertion
# may reach the netlist.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log=$2/assert_synthesis.log
"$root/scripts/tool/yosys" -ql "$log" -p "read_slang --no-synthesis-define -I $root/rtl/prim --top assert_planted $1
select -assert-none t:\$assert t:\$cover t:\$check t:\$print
select -assert-any w:low_i" || { tail -n 20 "$log"; exit 1; }
