# SPDX-License-Identifier: Apache-2.0
# Sourced first by each script of scripts/ with its own arguments: prints the comment at its head for --help and ends,
# refuses a tree in which the tools cannot work, and goes to the root of the tree.
# shellcheck shell=bash
script=$(realpath "$0")
cd -P "$(dirname "${BASH_SOURCE[0]}")/../.."

# refuse WHY: ends the script, which was called wrongly.
refuse() {
    echo "scripts/${script##*/}: $*" >&2
    exit 2
}

for argument; do
    if [[ $argument == -h || $argument == --help ]]; then
        sed -n '3,${/^#/!q;s/^# \{0,1\}//p}' "$script"
        exit 0
    fi
done
if [[ $PWD == *[[:space:]]* ]]; then
    refuse "the path of the tree, $PWD, has a blank, with which Verilator cannot work: move the tree to a path without"
fi
