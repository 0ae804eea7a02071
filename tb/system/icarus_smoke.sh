#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: icarus_smoke.sh FOLDER
# Emits the core as plain Verilog and runs icarus_smoke.v on it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1
mkdir -p "$out"
"$here/../../scripts/emit-verilog" "$out/reveille.v"
iverilog -g2012 -s icarus_smoke -o "$out/icarus_smoke.vvp" "$here/icarus_smoke.v" "$out/reveille.v"
vvp -n "$out/icarus_smoke.vvp"
