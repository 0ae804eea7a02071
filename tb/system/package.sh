#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: package.sh BUILD FOLDER [CMAKE-ARGUMENT...]
# Installs what is built in BUILD into FOLDER, and builds and runs a project that finds it there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 out=$2
shift 2
rm -rf "$out"
cmake --install "$build" --prefix "$out/prefix" > /dev/null
cmake -S "$here/package" -B "$out/consumer" -DCMAKE_PREFIX_PATH="$out/prefix" -DCMAKE_BUILD_TYPE=Release "$@" > /dev/null
cmake --build "$out/consumer" > /dev/null
ctest --test-dir "$out/consumer" --output-on-failure
