#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: scripts_test.sh FOLDER
# Every script of scripts/, in a copy of the tree in FOLDER: its help, what it refuses, and that neither does anything.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python3 -B "$root/tb/system/scratch.py" "$1"
mkdir -p "$1/bin"
folder=$(cd "$1" && pwd)

# What a script calls only when it sets to work.
for tool in apt-get sudo cmake ctest debootstrap; do
    printf '#!/bin/sh\necho "$0 $*" >> "%s/called"\n' "$folder" > "$folder/bin/$tool"
done
chmod +x "$folder"/bin/*
export PATH=$folder/bin:$PATH
unset PYTHONDONTWRITEBYTECODE  # so that what Python would write is seen

failures=0
fail() {
    echo "$*" >&2
    failures=$((failures + 1))
}

# expect STATUS TREE SCRIPT ARGUMENT...: its status, and a tree that stays as it is. The output is in the file output.
expect() {
    local status=$1 tree=$2 got=0 before
    shift 2
    before=$(find "$tree" | sort)
    "$tree/scripts/$@" > "$folder/output" 2>&1 < /dev/null || got=$?
    ((got == status)) || fail "$*: status $got, expected $status: $(head -n 3 "$folder/output")"
    [[ $(find "$tree" | sort) == "$before" ]] || fail "$*: wrote into the tree"
    [[ ! -e $folder/called ]] || fail "$*: called $(< "$folder/called")"
    rm -f "$folder/called"
}

for tree in tree "tree with a blank"; do
    mkdir "$folder/$tree"
    (cd "$root" && cp -r --parents CMakeLists.txt scripts synth docs/run.md rtl/configs tb/planted "$folder/$tree")
    find "$folder/$tree" -name __pycache__ -prune -exec rm -r {} +
done
for path in "$root"/scripts/*; do
    [[ -f $path && -x $path ]] || continue
    script=$(basename "$path")
    for argument in --help -h; do
        expect 0 "$folder/tree" "$script" "$argument"
        grep -qi "^usage: " "$folder/output" || fail "$script $argument: prints no usage"
    done
    expect 2 "$folder/tree" "$script" --no-such-option
    grep -q -e "--no-such-option" "$folder/output" || fail "$script: does not name the option that it refuses"
    expect 2 "$folder/tree with a blank" "$script"
    grep -q "has a blank" "$folder/output" || fail "$script: does not say that it refuses a blank"
done
expect 2 "$folder/tree" test -R
expect 2 "$folder/tree" test -R guard -Q
expect 2 "$folder/tree" run --ctas=4 --bogus=1
expect 2 "$folder/tree" synth ecp5 --bogus
expect 2 "$folder/tree" synth ecp6
for board in "" colorlight_5a_76b ../boards/colorlight_5a_75b --seeds; do
    expect 2 "$folder/tree" synth board "$board"
    grep -q "board '$board': no such board; expected one of colorlight_5a_75b" "$folder/output" ||
        fail "synth board '$board': does not name the boards"
done
for script in run emit-verilog release "synth ecp5" "synth flows"; do
    # shellcheck disable=SC2086
    expect 2 "$folder/tree" $script --config wide
    grep -q "'wide'.*expected one of gigabit large line" "$folder/output" ||
        fail "$script: does not name the configurations"
done

# A line of 121 columns in a source of each kind, and in what is none; one of 120 letters that take two octets each.
wide=$folder/wide
mkdir -p "$wide/rtl" "$wide/docs"
cp -r "$root/scripts" "$wide"
find "$wide" -name __pycache__ -prune -exec rm -r {} +
ln -s "$root/.venv" "$wide/.venv"
git -C "$wide" init -q
sources=(CMakeLists.txt docs/driver.c scripts/tool/wide.py rtl/wide.rdl rtl/wide.sv scripts/wide)
for file in "${sources[@]}" docs/wide.md wide.vec wide.json wide.csv; do printf '# %0119d\n' 0 > "$wide/$file"; done
printf '# %s\n' "$(printf 'é%.0s' {1..118})" > "$wide/scripts/narrow"
git -C "$wide" add scripts
got=0
"$wide/scripts/format" --check > "$folder/output" 2>&1 || got=$?
found=$(sed -n 's/:1:# 0*$//p' "$folder/output" | sort | tr '\n' ' ')
expected=$(printf '%s\n' "${sources[@]}" | sort | tr '\n' ' ')
[[ $got == 1 && $found == "$expected" ]] || fail "format --check: status $got, found: $found: $(< "$folder/output")"
rm "${sources[@]/#/$wide/}"
"$wide/scripts/format" --check > "$folder/output" 2>&1 || fail "format --check: $(head -n 3 "$folder/output")"

# What .ci/Dockerfile copies before it calls scripts/setup is all that this takes.
container=$folder/container
while read -r -a words; do
    mkdir -p "$container/${words[-1]}"
    for word in "${words[@]:1:${#words[@]}-2}"; do cp "$root/$word" "$container/${words[-1]}"; done
done < <(sed -n '/^RUN/q;/^COPY/p' "$root/.ci/Dockerfile")
expect 0 "$container" setup --help
[[ -e $container/scripts/requirements.txt ]] || fail ".ci/Dockerfile: does not copy scripts/requirements.txt"
exit $((failures != 0))
