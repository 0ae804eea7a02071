# SPDX-License-Identifier: Apache-2.0
"""Proves that a mutant of the netlist does what the core does without it.

usage: mutant_equivalence.py NETLIST OUT [--seconds N] [--levels N] NUMBER...

NETLIST is where netlist_mutants.py wrote; OUT/ is for what Yosys reads and says. From equal registers on, the mutant's
module and itself without the mutant are shown to have equal registers and outputs (equivalence.py); a register that
differs counts for nothing if all else is equal without it. Before that its cell is tried alone; what is not proved is
tried with the instance whose port is mutated, and as part of the modules around it, up to --levels of them. Prints a
line for each NUMBER: proved of which module, or not proved (in N seconds a module; it may be all the same). Status 1
unless all are. Before them each of DIFFERENCES is made, which must not be proved to be none, and NONE, which is one.
"""
import argparse
import itertools
import pathlib
import re
import sys

import equivalence
import netlist_mutants

CELL = re.compile(r"^  cell (\\\S+) ", re.MULTILINE)
WIRE = re.compile(r"^  wire .*?(\S+)$", re.MULTILINE)
CONNECTION = re.compile(r"^    connect \\(\S+) (.*)$", re.MULTILINE)
ADDRESSES = "reveille_ip_addresses$reveille.u_frame_parser.u_ip.u_addresses"
COUNTERS = "reveille_counters$reveille.u_host.u_counters"
DIFFERENCES = [  # an input, an output, a register; of a cell, then of an instance: mode, module, cell, port, bits
    ("const0", ADDRESSES.replace("ip_addresses", "equal") + ".gen_ipv4[1].u_source", "$0", "B", "3"),
    ("inv", ADDRESSES.replace("ip_addresses", "equal") + ".gen_ipv4[1].u_source", "$0", "Y", "0"),
    ("const1", ADDRESSES, "$driver$ipv6_q", "Q", "0"),
    ("const0", COUNTERS, "u_high", "waddr_i", "0"),
    ("const1", COUNTERS, "u_high", "rdata_o", "3"),
    ("cnot0", "reveille", "u_session_guard", "wake_interval_i", "26", "7"),
]
NONE = ("inv", "reveille_octet_sum$reveille.u_message_framer.u_sequencer.u_ip_sum", "$0", "Y", "0")  # a bit without use


def yosys(commands, out, name):
    if not equivalence.yosys(commands, out, name):
        sys.exit(f"mutant_equivalence: Yosys fails; see {out}/{name}.log")


def cell_alone(module, name, cell):
    """The module with a combinational cell, and nothing else, as text; none of another cell."""
    found = re.search(rf"^  cell \$(?!\w*(?:ff|mem|latch))\w+ {re.escape(cell)}\n.*?^  end\n", module,
                      re.MULTILINE | re.DOTALL)
    if not found:
        return None
    connected = dict(CONNECTION.findall(found[0]))
    outputs = set(connected.pop("Y").split())
    words = outputs.union(*(nets.split() for nets in connected.values()))
    ports, text = [], found[0]
    for wire in WIRE.finditer(module):
        if wire[1] in words:
            shape = " ".join(re.findall(r"(?:width|offset) \d+", wire[0]))
            public = "\\net" + str(len(ports))
            direction = "output" if wire[1] in outputs else "input"
            ports.append(f"  wire {shape} {direction} {len(ports) + 1} {public}\n")
            text = re.sub(rf"(?<= ){re.escape(wire[1])}(?=\s)", lambda _: public, text)
    return f"module {name}\n{''.join(ports)}{text}end\n"


class Prover:
    def __init__(self, netlist, out, seconds, levels):
        self.out, self.seconds, self.levels = out, seconds, levels
        yosys([f"read_rtlil {netlist}/core.il", "blackbox *", f"write_rtlil {out}/ports.il"], out, "ports")
        self.modules, self.ports = (equivalence.modules(file) for file in (netlist / "core.il", out / "ports.il"))
        self.cells = {name: set(CELL.findall(text)) & set(self.modules) for name, text in self.modules.items()}

    def within(self, name):
        """A module, and all that is in it."""
        return {name}.union(*map(self.within, self.cells[name]))

    def around(self, name):
        """The module and those around it, from inside out."""
        while name:
            yield name
            name = next((outer for outer, inner in self.cells.items() if name in inner), None)

    def is_equal(self, name, inside, mutation):
        """Of a module with these inside, as texts. Of all others Yosys has to know the ports, or it takes inputs for
        outputs."""
        for file, texts in (("inside", (inside[each] for each in sorted(inside))),
                            ("outside", (self.ports[each] for each in sorted(self.ports.keys() - inside.keys())))):
            (self.out / f"{file}.il").write_text("".join(texts), encoding="utf-8")
        texts = []
        for side, change in (("original", []), ("mutant", [f"mutate {netlist_mutants.applied(mutation)}"])):
            flatten = [f"hierarchy -top {name}", "flatten"] if len(inside) > 1 else []
            yosys([f"read_rtlil {self.out}/outside.il", f"read_rtlil {self.out}/inside.il", *change, *flatten,
                   *equivalence.FLAT, f"write_rtlil {self.out}/{side}.il"], self.out, side)
            texts.append(equivalence.modules(self.out / f"{side}.il")[name])
        return equivalence.prove(name, *texts, self.out, self.seconds, methods=["names"])

    def steps(self, mutation):
        """Modules to prove, with what is known of their insides: of the mutant's the cell alone, then all, then with
        the instance whose port is mutated, and from there out."""
        own = "\\" + mutation["module"]
        cell = cell_alone(self.modules[own], own, mutation["cell"])
        if cell:
            yield own, {own: cell}
        inside = {own: self.modules[own]}
        yield own, inside
        instance = re.search(rf"^  cell (\\\S+) \\{re.escape(mutation['cell'])}$", self.modules[own], re.MULTILINE)
        if instance:
            inside |= {name: self.modules[name] for name in self.within(instance[1])}
            yield own, inside
        for name in itertools.islice(self.around(own), 1, self.levels + 1):
            inside[name] = self.modules[name]
            yield name, inside

    def proved(self, mutation):
        """The module that is the same with it, or none."""
        names = (name for name, inside in self.steps(mutation) if self.is_equal(name, inside, mutation))
        return next((netlist_mutants.module_of({"module": name}) for name in names), None)

    def check(self):
        """Ends the program where a difference is proved to be none, or none is not."""
        for values in (*DIFFERENCES, NONE):
            mutation = dict(zip(("mode", "module", "cell", "port", "portbit", "ctrlbit"), values))
            if (self.proved(mutation) is not None) != (values is NONE):
                sys.exit(f"mutant_equivalence: {netlist_mutants.applied(mutation)} is "
                         f"{'not ' if values is NONE else ''}proved")
        print(f"{len(DIFFERENCES)} differences: none is proved to be none", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("netlist", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60, help="for each module")
    parser.add_argument("--levels", type=int, default=1, help="of the hierarchy, around the mutant's module")
    parser.add_argument("number", type=int, nargs="*")
    arguments = parser.parse_intermixed_args()
    netlist, out = arguments.netlist.resolve(), arguments.out.resolve()
    mutations = netlist_mutants.chosen(netlist)
    for number in arguments.number:
        if not 1 <= number <= len(mutations):
            parser.error(f"NUMBER: {number}: expected 1 to {len(mutations)}")
    out.mkdir(parents=True, exist_ok=True)
    prover = Prover(netlist, out, arguments.seconds, arguments.levels)
    prover.check()
    equal = 0
    for number in arguments.number:
        module = prover.proved(mutations[number - 1])
        print(f"{number} {f'proved: {module}' if module else 'not proved'}", flush=True)
        equal += module is not None
    return 0 if equal == len(arguments.number) else 1


if __name__ == "__main__":
    sys.exit(main())
