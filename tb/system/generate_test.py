# SPDX-License-Identifier: Apache-2.0
"""What scripts/generate refuses, and that the C header's accesses are one word each.

usage: generate_test.py REVEILLE.h

The header is compiled as C99 and as C++, and by clang for targets that do not forgive unaligned addresses: a function
that reads and one that writes each register must then be one load or store of a word, and nothing narrower. Exit 77,
which ctest shows as skipped, where there is no clang; the other tests have run then.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What clang calls a target, and its loads and stores.
TARGETS = {
    "armv6m-none-eabi": (r"\bldr[a-z]*\b", r"\bstr[a-z]*\b", "ldr", "str"),
    "riscv32-unknown-elf": (r"\bl[bhw]u?\b", r"\bs[bhw]\b", "lw", "sw"),
}
SKIPPED = 77


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def check(condition, message):
    if not condition:
        sys.exit(f"generate_test: {message}")


def refused(change, *words):
    """verdicts.py exits with a message that has these words, and writes nothing."""
    table = json.loads((ROOT / "docs/verdicts.json").read_text(encoding="utf-8"))
    change(table)
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder) / "verdicts.json", pathlib.Path(folder) / "out"
        source.write_text(json.dumps(table), encoding="utf-8")
        result = run(sys.executable, ROOT / "scripts/generate/verdicts.py", source, out)
        check(result.returncode != 0, f"not refused, expected: {words}")
        for word in words:
            check(word in result.stderr, f"{word!r} is not in: {result.stderr}")
        check(not out.exists(), "a refused table left files behind")


def refusals():
    def one_more(table):
        table["verdicts"].append(dict(table["verdicts"][-1], code=len(table["verdicts"]), name="another"))

    refused(one_more, "another", "overrun", "share a counter")
    refused(lambda table: table["counters"][0].update(code=3), "bad_length", "overrun", "share a counter")
    refused(lambda table: table["counters"][1].update(code=table["counters"][0]["code"]), "counters", "code stands twice")
    refused(lambda table: table["counters"][0].update(code=32), "32", "0 to 31")
    refused(lambda table: table["events"][1].update(name=table["events"][0]["name"]), "events", "name stands twice")
    refused(lambda table: table["verdicts"][4].update(code=3), "expected 4")
    refused(lambda table: table["verdicts"][4].update(action="ignore"), "ignore", "configured")
    refused(lambda table: table.pop("events"), "expected source, verdicts, counters, events")


def accesses(header):
    """C of a function for each register that reads it, and one that writes it; their number."""
    offsets = re.findall(r"^#define (\w+)_OFFSET", header.read_text(encoding="utf-8"), re.MULTILINE)
    functions = [
        f"uint32_t get_{name}(const volatile uint32_t *base) {{ return reveille_read(base, {name}_OFFSET); }}\n"
        f"void set_{name}(volatile uint32_t *base, uint32_t word) {{ reveille_write(base, {name}_OFFSET, word); }}"
        for name in offsets
    ]
    prototypes = [
        f"uint32_t get_{name}(const volatile uint32_t *base);\nvoid set_{name}(volatile uint32_t *base, uint32_t word);"
        for name in offsets
    ]
    return "\n".join([f'#include "{header}"', *prototypes, *functions, ""]), len(offsets)


def main():
    header = pathlib.Path(sys.argv[1]).resolve()
    refusals()
    source, count = accesses(header)
    check(count > 30, f"only {count} registers in {header}")
    strict = ("-Wall", "-Wextra", "-Wpedantic", "-Wcast-align", "-Wconversion", "-Werror")
    for compiler, standard, language in (("gcc", "c99", "c"), ("g++", "c++20", "c++")):
        result = run(compiler, f"-std={standard}", *strict, "-x", language, "-c", "-o", "/dev/null", "-", input=source)
        check(result.returncode == 0, f"{language}: {result.stderr}")

    clang = next(filter(None, map(shutil.which, ("clang", "clang-14", "clang-15", "clang-16", "clang-19"))), None)
    if clang is None:
        print("skipped: no clang, so no target that needs aligned addresses")
        sys.exit(SKIPPED)
    for target, (loads, stores, load, store) in TARGETS.items():
        result = run(clang, f"--target={target}", "-std=c99", "-ffreestanding", "-O1", "-S", "-o", "-", "-x", "c", "-",
                     input=source)
        check(result.returncode == 0, f"{target}: {result.stderr}")
        found = {"get": re.findall(loads, result.stdout), "set": re.findall(stores, result.stdout)}
        check(found["get"] == [load] * count, f"{target}: {count} reads are {collections.Counter(found['get'])}")
        check(found["set"] == [store] * count, f"{target}: {count} writes are {collections.Counter(found['set'])}")
        print(f"{target}: {count} reads and {count} writes of one word each")


if __name__ == "__main__":
    main()
