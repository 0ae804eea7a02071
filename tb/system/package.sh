#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: package.sh BUILD FOLDER [CMAKE-ARGUMENT...]
# Installs the models that are built in BUILD into FOLDER, and builds and runs the examples of docs, which find them
# there. And that the preset `model` needs no more than it says (docs/library.md).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1 out=$2
shift 2
python3 -B "$root/tb/system/scratch.py" "$out"
cmake --install "$build" --prefix "$out/whole" > /dev/null
cmake --install "$build" --component models --prefix "$out/models" > /dev/null
if [[ -e $out/models/bin ]]; then
    echo "package: a program is installed with the models: $(ls "$out/models/bin")" >&2
    exit 1
fi
for file in include/reveille.h share/doc/reveille/LICENSE; do
    if [[ ! -e $out/models/$file ]]; then
        echo "package: $file is not installed with the models" >&2
        exit 1
    fi
done
# What the preset `model` takes in the place of what is generated.
for file in reveille.h reveille/config.hpp reveille/verdict.hpp; do
    if ! cmp "$root/model/generated/$file" "$build/generated/include/$file"; then
        echo "package: model/generated is old: cp $build/generated/include/$file model/generated/$file" >&2
        exit 1
    fi
done
cmake -S "$root" --preset model -B "$out/model-build" > /dev/null
if grep -iE '^(REVEILLE_SYSTEMC|REVEILLE_LZ4|CLI11|SQLite3|Catch2|nlohmann)' "$out/model-build/CMakeCache.txt" >&2; then
    echo "package: the preset model looks for more than OpenSSL" >&2
    exit 1
fi
for example in models wake_client; do
    cmake -S "$root/docs/examples/$example" -B "$out/$example-build" -DCMAKE_PREFIX_PATH="$out/models" \
        -DCMAKE_BUILD_TYPE=Release "$@" > /dev/null
    cmake --build "$out/$example-build" > /dev/null
    ctest --test-dir "$out/$example-build" --output-on-failure
done
if grep -q '^OPENSSL_CRYPTO' "$out/wake_client-build/CMakeCache.txt"; then
    echo "package: the driver alone asks for OpenSSL" >&2
    exit 1
fi
