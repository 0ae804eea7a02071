#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: emitted_verilog.sh FOLDER
# Emits the core as plain Verilog: Verilator reads it as it is by default, its memories keep what says how they map, and
# it takes as many block RAMs of an ECP5 as the RTL that it is written from; the nonce store, which has most of them, as
# many block RAMs and LUTs of an AMD 7 series.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$1
mkdir -p "$out"
"$root/scripts/emit-verilog" "$out/reveille.v"

fail() {
    echo "emitted_verilog: $*" >&2
    exit 1
}

"$root/scripts/tool/verilator" --lint-only --top-module reveille "$out/reveille.v" > "$out/verilator.log" 2>&1 ||
    { cat "$out/verilator.log" >&2; fail "Verilator refuses it"; }
if grep -q '^%' "$out/verilator.log"; then grep '^%' "$out/verilator.log" >&2; fail "Verilator warns"; fi
for attribute in 'no_rw_check' 'ram_style = "block"' 'ram_style = "distributed"'; do
    grep -q -F "$attribute" "$out/reveille.v" || fail "no memory has $attribute"
done

# A memory is emptied by a loop: word by word, configuration large would be 12 MB.
if grep -q -E '^ +memory\[[0-9]+\] = ' "$out/reveille.v"; then fail "a memory is emptied word by word"; fi
grep -q -F 'memory[word] = ' "$out/reveille.v" || fail "no memory is emptied"

block_rams() { # block_rams NAME READ: the cells once the memories are mapped
    "$root/scripts/tool/yosys" -ql "$out/$1.log" -p "$2
synth_ecp5 -top reveille -run begin:map_ffram
tee -q -o $out/$1.json stat -json" || { tail -n 20 "$out/$1.log" >&2; fail "Yosys fails: $1"; }
    "$root/.venv/bin/python" -c '
import json, sys
cells = json.load(open(sys.argv[1]))["design"]["num_cells_by_type"]
print(sum(cells.get(kind, 0) for kind in ("DP16KD", "PDPW16KD")))' "$out/$1.json"
}

files=$("$root/.venv/bin/python" "$root/scripts/tool/rtl_files.py" "$out/generated" reveille --generate)
rtl=$(block_rams rtl "read_slang --ignore-assertions -I $root/rtl/prim --top reveille ${files//$'\n'/ }")
emitted=$(block_rams emitted "read_verilog $out/reveille.v")
echo "emitted_verilog: $emitted block RAMs, the RTL $rtl"
((rtl > 0 && emitted == rtl)) || fail "expected as many block RAMs as the RTL's"

"$root/scripts/synth" flows --top reveille_nonce_store --flow xilinx --out "$out/flows" || fail "see above"
refused=$("$root/scripts/synth" flows --flow spartan 2>&1) && fail "takes a flow that is not there"
[[ $refused == *"invalid choice: 'spartan'"* && $(wc -l <<< "$refused") == 1 ]] || fail "unknown flow: $refused"
