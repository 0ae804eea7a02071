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

# check_configuration NAME: ends the script unless there is one; what is in the file is looked at where it is read.
check_configuration() {
    if [[ $1 == *.yaml && -f $1 ]] || [[ $1 == [a-z]* && $1 != */* && -f rtl/configs/$1.yaml ]]; then return; fi
    local names=(rtl/configs/*.yaml)
    names=("${names[@]##*/}")
    refuse "--config '$1': no such configuration; expected one of ${names[*]%.yaml}, or the path of a .yaml file"
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
