# SPDX-License-Identifier: Apache-2.0
"""What scripts/generate refuses of verdicts and configurations, and that the C header's accesses are one word each.

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
    refused(lambda table: table["counters"][1].update(code=table["counters"][0]["code"]), "counters",
            "code stands twice")
    refused(lambda table: table["counters"][0].update(code=32), "32", "0 to 31")
    refused(lambda table: table["events"][1].update(name=table["events"][0]["name"]), "events", "name stands twice")
    refused(lambda table: table["verdicts"][4].update(code=3), "expected 4")
    refused(lambda table: table["verdicts"][4].update(action="ignore"), "ignore", "configured")
    refused(lambda table: table.pop("events"), "expected source, verdicts, counters, events")


def configuration_refused(change, *words):
    """configuration.py ends with status 2 and a message that has the file and these words, and writes nothing."""
    lines = (ROOT / "rtl/configs/line.yaml").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder) / "changed.yaml", pathlib.Path(folder) / "out"
        source.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
        result = run(sys.executable, ROOT / "scripts/generate/configuration.py", source, out)
        check(result.returncode == 2, f"status {result.returncode}, expected 2 and: {words}")
        for word in (str(source), *words):
            check(word in result.stderr, f"{word!r} is not in: {result.stderr}")
        check(not out.exists(), "a refused configuration left files behind")


def configurations():
    def having(key, value):
        return lambda lines: [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in lines]

    def without(key):
        return lambda lines: [line for line in lines if not line.startswith(f"{key}:")]

    configuration_refused(lambda lines: [*lines, "banks: 2"], "banks: unknown key", "sessions, lookup_cycles")
    configuration_refused(lambda lines: [*lines, "sessions: 4096"], "sessions: stands twice")
    configuration_refused(lambda lines: ["- sessions"], "expected one mapping")
    configuration_refused(lambda lines: ["sessions: [1"], "expected")
    configuration_refused(without("event_records"), "event_records: missing", "event_reserve")
    configuration_refused(without("description"), "description: missing")
    configuration_refused(having("description", "[a]"), "description: ['a']", "a line of text")
    for key, values, expected in (
        ("sessions", (4095, 128, 131072, "0x1001", "many", "4096.0", "true", "[4096]"),
         "a power of two from 256 to 65536"),
        ("lookup_cycles", (0, 1, 3, 8, "two"), "a power of two from 2 to 4"),
        ("ipv4_addresses", (0, 9, "two"), "a whole number from 1 to 8"),
        ("ipv6_addresses", (0, 9, -1), "a whole number from 1 to 8"),
        ("frame_buffer_beats", (1000, 256, 32768), "a power of two from 512 to 16384"),
        ("frame_buffer_reserve", (2048, 4000, -1), "from 0 to 16384 below frame_buffer_beats, which is 2048"),
        ("event_records", (100, 8, 4096), "a power of two from 16 to 2048"),
        ("event_reserve", (0, 128, 200), "from 1 to 2048 below event_records, which is 128"),
    ):
        for value in values:
            configuration_refused(having(key, value), f"{key}: ", expected)
    configuration_refused(lambda lines: having("sessions", 65536)(having("lookup_cycles", 4)(lines)),
                          "sessions: 65536", "at most 32768 with lookup_cycles 4")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("wide", "configs/line", "", "nosuch.yaml", "../configs/line"):
            result = run(sys.executable, ROOT / "scripts/generate/configuration.py", name, pathlib.Path(folder) / "out")
            check(result.returncode == 2 and "gigabit, large, line" in result.stderr, f"{name!r}: {result.stderr}")
            check(not (pathlib.Path(folder) / "out").exists(), f"{name!r} left files behind")
        other = pathlib.Path(folder) / "line.yaml"
        other.write_text((ROOT / "rtl/configs/gigabit.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        result = run(sys.executable, ROOT / "scripts/generate/configuration.py", other, pathlib.Path(folder) / "out")
        check(result.returncode == 2 and "that of a file of rtl/configs" in result.stderr,
              f"another line.yaml: {result.stderr}")
        for name in ("gigabit", "large", "line"):
            result = run(sys.executable, ROOT / "scripts/generate/configuration.py", name, pathlib.Path(folder) / name)
            check(result.returncode == 0, f"{name}: {result.stderr}")
            page = (pathlib.Path(folder) / name / "docs/configurations.md").read_text(encoding="utf-8")
            table = page.split("\n\n", 1)[1]
            check(table in (ROOT / "docs/architecture.md").read_text(encoding="utf-8"),
                  f"docs/architecture.md: expected\n{table}")


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
    configurations()
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
