#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: tools_test.sh FOLDER
# Which Verilator is taken, and that a build folder is emptied when a tool changes. Works in FOLDER.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python3 -B "$root/tb/system/scratch.py" "$1"
mkdir -p "$1/bin"
folder=$(cd "$1" && pwd)
unset REVEILLE_VERILATOR
export PATH=$folder/bin:$PATH
fail() {
    echo "$*" >&2
    exit 1
}

# verilator_of VERSION: what the tool chooses when this one is on PATH; what it says is in the file said.
verilator_of() {
    printf '#!/bin/sh\necho "Verilator %s 2026-01-01 rev v%s"\n' "$1" "$1" > "$folder/bin/verilator"
    chmod +x "$folder/bin/verilator"
    "$root/scripts/tool/verilator" --chosen 2> "$folder/said"
}
for version in 4.038 5.006 5.032 5.047; do
    [[ $(verilator_of "$version") == "$root"/.venv/* ]] || fail "Verilator $version is taken"
    [[ $(wc -l < "$folder/said") == 1 ]] && grep -q "is $version; the tests need" "$folder/said" ||
        fail "Verilator $version is left without a word: $(< "$folder/said")"
done
for version in 5.048 5.050 6.002; do
    [[ $(verilator_of "$version") == "$folder/bin/verilator" && ! -s $folder/said ]] ||
        fail "Verilator $version is not taken"
done
printf '#!/bin/sh\nexit 1\n' > "$folder/bin/verilator"
"$root/scripts/tool/verilator" --chosen > "$folder/chosen" 2> "$folder/said" ||
    fail "a broken Verilator ends the choice"
[[ $(< "$folder/chosen") == "$root"/.venv/* ]] && grep -q "is broken" "$folder/said" ||
    fail "a broken Verilator is taken"
# One that comes back to this tool, as a wrapper of it for others may: once to be chosen, and once to do its work.
printf '#!/bin/sh\necho >> "%s/calls"\n[ $(wc -l < "%s/calls") -lt 9 ] && exec "%s/scripts/tool/verilator" "$@"\n' \
    "$folder" "$folder" "$root" > "$folder/bin/verilator"
"$root/scripts/tool/verilator" --version > "$folder/said" 2>&1 ||
    fail "a Verilator that calls the tool again: $(< "$folder/said")"
calls=$(wc -l < "$folder/calls")
((calls <= 2)) || fail "a Verilator that calls the tool again is called $calls times"
rm "$folder/bin/verilator"

# A compiler whose version is in a file.
printf '#!/bin/sh\nif [ "$*" = --version ]; then cat "%s/version"; else exec /usr/bin/c++ "$@"; fi\n' "$folder" \
    > "$folder/bin/cxx"
chmod +x "$folder/bin/cxx"
build() {
    cmake -S "$root" -B "$folder/build" -G Ninja -DREVEILLE_RTL=OFF -DREVEILLE_TESTS=OFF -DREVEILLE_CCACHE= \
        -DCMAKE_CXX_COMPILER="$folder/bin/cxx" > "$folder/configured" 2>&1 || fail "$(cat "$folder/configured")"
    left=$(find "$folder/build" -name 'address.cpp.o')
    cmake --build "$folder/build" --target reveille_net > /dev/null
}
echo "cxx 1" > "$folder/version"
build
build
[[ -n $left ]] || fail "the same compiler empties the build folder"
grep -q "The tools have changed" "$folder/configured" && fail "the same compiler is said to have changed"
echo "cxx 2" > "$folder/version"
build
[[ -z $left ]] || fail "another compiler leaves $left"
grep -q "The tools have changed" "$folder/configured" || fail "another compiler is not mentioned"
build
[[ -n $left ]] || fail "the build folder is emptied again"
