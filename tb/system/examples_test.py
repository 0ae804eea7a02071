# SPDX-License-Identifier: Apache-2.0
"""docs/examples, on a release alone: the smallest top, its FIFO, the smallest driver; and that they stay small.

usage: examples_test.py RELEASE

RELEASE is what release_test.py unpacked. docs/examples/models is built by package.sh. Exit 77, which ctest shows as
skipped, where there is no clang; the other tests have run then.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs/examples"
# The driver may be an exercise for one screen, and the design one for two.
SMALL = {"smallest_top.sv": 150, "mac_fifo.sv": 100, "driver.c": 100, "first_frame_tb.v": 150}
# Stores narrower than a word, which the core refuses, of targets that need aligned addresses.
NARROW = {"armv6m-none-eabi": r"\bstr[bh]\b", "riscv32-unknown-elf": r"\bs[bh]\b"}
SKIPPED = 77


def check(condition, message):
    if not condition:
        sys.exit(f"examples_test: {message}")


def succeeds(*command, cwd):
    """Its output; the command must end well and warn of nothing."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=cwd)
    output = result.stdout + result.stderr
    good = result.returncode == 0 and not re.search("warning[:-]", output.lower())
    check(good, f"{' '.join(map(str, command))}: {output[-3000:]}")
    return result.stdout


def top(core):
    """Verilator at its defaults and Yosys take the smallest top behind the release's list of files."""
    sources = [EXAMPLES / "mac_fifo.sv", EXAMPLES / "smallest_top.sv"]
    succeeds(ROOT / "scripts/tool/verilator", "--lint-only", "--no-timing", "--top-module", "smallest_top", "-F",
             "reveille.f", *sources, cwd=core)
    succeeds(ROOT / "scripts/tool/yosys", "-p", "read_slang --unroll-limit 20000 --top smallest_top -F reveille.f "
             f"{' '.join(map(str, sources))}; hierarchy -check -top smallest_top", cwd=core)


def fifo(folder):
    succeeds("iverilog", "-g2012", "-s", "mac_fifo_smoke", "-o", "fifo.vvp", ROOT / "tb/system/mac_fifo_smoke.sv",
             EXAMPLES / "mac_fifo.sv", cwd=folder)
    said = succeeds("vvp", "-n", "fifo.vvp", cwd=folder)
    check(said.startswith("PASS: 36 frames"), "the FIFO passed other than 36 frames")


def driver(core):
    clang = next(filter(None, map(shutil.which, ("clang", "clang-14", "clang-15", "clang-16", "clang-19"))), None)
    if clang is None:
        print("skipped: no clang, so no target that needs aligned addresses")
        sys.exit(SKIPPED)
    for target, narrow in NARROW.items():
        assembly = succeeds(clang, f"--target={target}", "-std=c99", "-ffreestanding", "-O1", "-Wall", "-Wextra",
                            "-Wpedantic", "-Wcast-align", "-Wconversion", "-Werror", "-Iinclude", "-S", "-o", "-",
                            EXAMPLES / "driver.c", cwd=core)
        check(not re.search(narrow, assembly), f"{target}: a store that is narrower than a word")
        check(assembly.count("guard_wake:") == 1, f"{target}: no guard_wake")


def main():
    core = pathlib.Path(sys.argv[1]).resolve() / "gigabit"
    for name, most in SMALL.items():
        lines = len((EXAMPLES / name).read_text(encoding="utf-8").splitlines())
        check(lines <= most, f"{name} has {lines} lines, expected {most} at most")
    top(core)
    with tempfile.TemporaryDirectory() as folder:
        fifo(folder)
    driver(core)
    print("examples_test: Verilator, Yosys, Icarus and clang take them")


if __name__ == "__main__":
    main()
