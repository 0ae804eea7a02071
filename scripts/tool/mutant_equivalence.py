# SPDX-License-Identifier: Apache-2.0
"""Proves that a mutant of the netlist does what its module does without it.

usage: mutant_equivalence.py NETLIST OUT [--seconds N] NUMBER...

NETLIST is where netlist_mutants.py wrote; OUT/ is for what Yosys reads and says. From equal registers on, module and
mutant are shown to have equal registers and outputs (equivalence.py); a register that differs counts for nothing if
all else is equal without it. Prints a line for each NUMBER: equivalent, or not proved (in N seconds; it may be all the
same). Status 1 unless all are.
"""
import argparse
import pathlib
import sys

import equivalence
import netlist_mutants


def yosys(commands, out, name):
    if not equivalence.yosys(commands, out, name):
        sys.exit(f"mutant_equivalence: Yosys fails; see {out}/{name}.log")


def prove(netlist, out, mutation, seconds):
    """Of OUT/ports.il and its module alone."""
    name = "\\" + mutation["module"]
    (out / "module.il").write_text(equivalence.modules(netlist / "core.il")[name], encoding="utf-8")
    texts = []
    for side, change in (("original", []), ("mutant", [f"mutate {netlist_mutants.applied(mutation)}"])):
        yosys([f"read_rtlil {out}/module.il", *change, *equivalence.FLAT, f"write_rtlil {out}/{side}.il"], out, side)
        texts.append(equivalence.modules(out / f"{side}.il")[name])
    return equivalence.prove(name, *texts, out, seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("netlist", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60, help="for each mutant")
    parser.add_argument("number", type=int, nargs="+")
    arguments = parser.parse_intermixed_args()
    netlist, out = arguments.netlist.resolve(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    yosys([f"read_rtlil {netlist}/core.il", "blackbox *", f"write_rtlil {out}/ports.il"], out, "ports")
    mutations = netlist_mutants.chosen(netlist)
    proved = True
    for number in arguments.number:
        good = prove(netlist, out, mutations[number - 1], arguments.seconds)
        print(f"{number} {'equivalent' if good else 'not proved'}", flush=True)
        proved &= good
    return 0 if proved else 1


if __name__ == "__main__":
    sys.exit(main())
