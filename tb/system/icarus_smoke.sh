#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: icarus_smoke.sh FOLDER
# Emits the core as plain Verilog and runs icarus_smoke.v on it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1
mkdir -p "$out"
"$here/../../scripts/emit-verilog" "$out/reveille.v"
# Every output port of module reveille.
awk '/^module /{inside = $2 ~ /^reveille[(]/}
    inside && $1 == "output"{sub(";", "", $NF); print $NF}' "$out/reveille.v" |
    sed 's/^s_axis_.*_tready$/`READY(&)/; t; s/.*/`OUTPUT(&)/' > "$out/icarus_outputs.vh"
if (($(wc -l < "$out/icarus_outputs.vh") != 27)); then
    echo "icarus_smoke: expected 27 outputs: $out/icarus_outputs.vh" >&2
    exit 1
fi
iverilog -I "$out" -g2012 -s icarus_smoke -o "$out/icarus_smoke.vvp" "$here/icarus_smoke.v" "$out/reveille.v"
vvp -n "$out/icarus_smoke.vvp"
