# SPDX-License-Identifier: Apache-2.0
"""Mutants of the core's netlist, all in one: Yosys chooses them, spread over modules, wires and lines of the sources,
and puts each behind a value of input `mutant` of the core; 0 is the core as it is.

usage: netlist_mutants.py GENERATED OUT

Writes OUT/reveille.v and OUT/mutants.csv: number, name, place in the sources, module and kind of each. Clocks and
asynchronous resets are not mutated: the values of reset are mutants of their own (reset_mutants.py), and a core without
a clock is killed in its first cycle; nor is what memories hold before a clock.
"""
import csv
import pathlib
import re
import subprocess
import sys

import rtl_files

ROOT = rtl_files.ROOT
COUNT = 1150  # that are asked for; somewhat fewer remain
SEED = 12
WIDTH = 11
INPUT = "mutant"
UNTOUCHED = {"CLK", "ARST", "clk_i", "rst_ni"}
OPTION = re.compile(r"-(mode|module|cell|port|portbit|ctrlbit|wire|wirebit|src) (\S+)")


def yosys(out, name, commands):
    script = out / f"{name}.ys"
    script.write_text("\n".join(commands) + "\n", encoding="utf-8")
    log = out / f"{name}.log"
    if subprocess.run([ROOT / "scripts/tool/yosys", "-ql", log, "-s", script], check=False).returncode:
        sys.exit(f"netlist_mutants: Yosys ended in {script}:\n{log.read_text(encoding='utf-8')[-2000:]}")


def options(line):
    """A mutation as Yosys lists it."""
    found = {}
    for name, value in OPTION.findall(line):
        found.setdefault(name, value)
    return found


def name_of(mutation):
    """Instance, cell, port, bit and kind."""
    _, _, path = mutation["module"].partition("$reveille.")
    bit = mutation["portbit"] + (f"/{mutation['ctrlbit']}" if "ctrlbit" in mutation else "")
    return f"{path or 'reveille'} {mutation['cell']}.{mutation['port']}[{bit}] {mutation['mode']}"


def module_of(mutation):
    return mutation["module"].partition("$reveille.")[0].lstrip("\\")


def place_of(mutation):
    """Wire, if it has a name, and line of the sources."""
    file, _, where = mutation.get("src", "").rpartition(":")
    wire = f"{mutation['wire']}[{mutation['wirebit']}] " if "wire" in mutation else ""
    return wire + (f"{pathlib.PurePath(file).name}:{where.split('.')[0]}" if file else "")


def applied(mutation):
    """The command that mutates."""
    return " ".join(f"-{name} {mutation[name]}" for name in ("mode", "module", "cell", "port", "portbit", "ctrlbit")
                    if name in mutation)


def prepare(generated, out):
    """OUT/core.il, the core without a mutant, and OUT/list.txt, mutations of it."""
    out.mkdir(parents=True, exist_ok=True)
    files = " ".join(map(str, rtl_files.rtl_files(generated, ["reveille"])))
    yosys(out, "prepare", [
        f"read_slang --keep-hierarchy --ignore-assertions --unroll-limit 20000 -I {ROOT}/rtl/prim --top reveille "
        f"{files}",
        "hierarchy -check -top reveille", "proc", "bwmuxmap", "opt -full", f"write_rtlil {out}/core.il",
        f"mutate -list {COUNT} -seed {SEED} -o {out}/list.txt * t:$meminit* %d"])


def chosen(out):
    """The mutations in OUT: that of number n is at n - 1."""
    lines = (out / "list.txt").read_text(encoding="utf-8").splitlines()
    found = [options(line) for line in lines]
    return [mutation for mutation in found if mutation["port"] not in UNTOUCHED]


def write(generated, out):
    prepare(generated, out)
    mutations = chosen(out)
    yosys(out, "mutate", [
        f"read_rtlil {out}/core.il",
        *(f"mutate -ctrl {INPUT} {WIDTH} {number} {applied(mutation)}" for number, mutation in enumerate(mutations, 1)),
        "opt_clean", f"write_verilog -noattr {out}/reveille.v"])
    with (out / "mutants.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [number, name_of(mutation), place_of(mutation), module_of(mutation), mutation["mode"]]
            for number, mutation in enumerate(mutations, 1))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("netlist_mutants: expected the folder of generated files and one for the netlist")
    write(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
