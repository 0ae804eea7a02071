# SPDX-License-Identifier: Apache-2.0
"""Proves that a value that a register has at reset could be its inverse, and nobody could tell.

usage: reset_equivalence.py GENERATED OUT [--config CONFIGURATION] [--seconds N] [--cycles N] [--listed] [NAME...]

NAME is a mutant of reset_mutants.py; OUT/ is for what Yosys and abc read and say. The whole core is held against itself
with the inverted value: in reset, then from its end on, whatever comes in, until no register differs any more, or only
those on which nothing depends; from then on both do the same. In no cycle may an output differ, or what is written to a
memory. A reset comes in any cycle, and takes one or more: what the registers without reset hold when it comes is taken
to be the same only of those that are shown to be the same in every cycle of this; of the others it is anything, on
either side. Memories hold anything, the same on both sides; of a memory that is written differently (said in the
result, "but for what ... holds") anything on either side, and then it takes a reason why nobody reads that. A register
that the configuration has not, or nobody reads in it, is proved too.

--listed: those of which tb/campaigns/equivalent_resets.json says so. Prints a line for each NAME: proved, and within
how many cycles; or not, and where it may show first. Status 1 unless all are proved without a "but". Before them each
of DIFFERENCES is made, which must not be proved to be none.
"""
import argparse
import json
import pathlib
import re
import sys
import time

import equivalence
import reset_mutants
import rtl_files
import unrolled

LISTED = rtl_files.ROOT / "tb/campaigns/equivalent_resets.json"
MEMORY = re.compile(r"^  cell \$mem_v2 \\?(\S+)\n(.*?)^  end\n", re.MULTILINE | re.DOTALL)
ASKS = re.compile(r"reveille_mutant_pkg::reveille_mutant\((\d+)\)")
DIFFERENCES = ["axil.bvalid_o", "frame_buffer.host_valid_o", "skid_buffer.full_q", "session_startup.ready_o",
               "host.wakeups_sent_q", "session_commands.state_q", "rate_limiter.tat_q", "registers.read_time_low_q"]


def select_by_input(text):
    """Of a file with mutants: each asks an input of the whole core, by an instance of a module without a body."""
    numbers = ASKS.findall(text)
    inputs = "".join(f"logic mutant_{number};\nreveille_mutant u_mutant_{number} (.chosen_o(mutant_{number}));\n"
                     for number in numbers)
    return re.sub(r"^endmodule", inputs + "endmodule", ASKS.sub(r"mutant_\1", text), flags=re.MULTILINE)


class Memory:
    """A memory, of which the core has the ports alone."""

    def __init__(self, name, body):
        parameters = dict(re.findall(r"parameter (?:signed )?\\(\w+) (\d+)$", body, re.MULTILINE))
        self.name = name
        self.width, self.address = int(parameters["WIDTH"]), int(parameters["ABITS"])
        self.reads, self.writes = int(parameters["RD_PORTS"]), int(parameters["WR_PORTS"])
        connections = dict(re.findall(r"connect \\(\w+) (.*)$", body, re.MULTILINE))
        widths = {"RD_ADDR": self.reads * self.address, "RD_DATA": self.reads * self.width,
                  "WR_EN": self.writes * self.width, "WR_ADDR": self.writes * self.address,
                  "WR_DATA": self.writes * self.width}
        self.ports = {port: (width, connections[port]) for port, width in widths.items() if width}

    def module(self, name):
        wires = "".join(f"  wire width {width} {'output' if port == 'RD_DATA' else 'input'} {at} \\{port}\n"
                        for at, (port, (width, _)) in enumerate(self.ports.items(), 1))
        return f"attribute \\blackbox 1\nmodule \\{name}\n{wires}end\n"

    def cell(self, name):
        connections = "".join(f"    connect \\{port} {signal}\n" for port, (_, signal) in self.ports.items())
        return f"  cell \\{name} \\{name}\n{connections}  end\n"


def prepare(generated, out, config):
    """The whole core as a netlist, whose inputs choose mutants, and read memories; the memories, and the names of the
    mutants, by number."""
    rtl_files.generate(generated, config)
    files = [pathlib.Path(file) for file in rtl_files.rtl_files(generated, ["reveille"])]
    with_reset = [file for file in files if "if (!rst_ni)" in file.read_text(encoding="utf-8")]
    changed = out / "rtl"
    reset_mutants.write(changed, with_reset)
    for file in with_reset:
        path = changed / file.name
        path.write_text(select_by_input(path.read_text(encoding="utf-8")), encoding="utf-8")
    (changed / "reveille_mutant.sv").write_text("(* blackbox *)\nmodule reveille_mutant (output logic chosen_o);\n"
                                                "endmodule\n", encoding="utf-8")
    sources = [changed / file.name if file in with_reset else file for file in files]
    sources.append(changed / "reveille_mutant.sv")
    read = rtl_files.read_slang(sources, "reveille",
                                "--keep-hierarchy --ignore-assertions --allow-use-before-declare")
    run(out, "read", [read, "hierarchy -check -top reveille", "proc", "opt_clean", "memory_collect", "dffunmap",
                      "flatten", "opt_clean", f"write_rtlil {out}/flat.il"])
    memories = {}

    def cut(found):
        name = f"memory_{len(memories)}"
        memories[name] = Memory(found[1], found[2])
        return memories[name].cell(name)

    flat = MEMORY.sub(cut, (out / "flat.il").read_text(encoding="utf-8"))
    modules = "".join(memory.module(name) for name, memory in memories.items())
    (out / "cut.il").write_text(modules + flat, encoding="utf-8")
    run(out, "map", [f"read_rtlil {out}/cut.il", "hierarchy -top reveille", "async2sync", "setundef -zero reveille",
                     "select -set inner reveille/t:memory_* reveille/t:reveille_mutant %u", "expose -evert @inner",
                     "techmap", "opt_expr", "simplemap", "dffunmap", "dfflegalize -cell $_DFF_P_ x", "setundef -zero",
                     "aigmap", "opt_clean", f"write_aiger -ascii -map {out}/core.map {out}/core.aag"])
    netlist = unrolled.Netlist(out / "core.aag", out / "core.map")
    return netlist, memories, dict(enumerate(reset_mutants.names_in(with_reset), 1))


def run(out, name, commands):
    if not equivalence.yosys(commands, out, name):
        sys.exit(f"reset_equivalence: Yosys fails; see {out}/{name}.log")


class Frame:
    """A cycle of one side: literals of the netlist's leaves, and what comes of them."""

    def __init__(self, netlist, leaves, values):
        self.leaves, self.values = leaves, values
        self.next = [values[literal >> 1] ^ literal & 1 for literal in netlist.next]
        self.outputs = [values[literal >> 1] ^ literal & 1 for literal in netlist.output_literals]


class Shows(Exception):
    """Where it is not proved."""


class Prover:
    """Both sides. The first, as it is, is unrolled once for all mutants."""

    def __init__(self, netlist, memories, names, out, seconds, cycles):
        self.netlist, self.names, self.out, self.seconds, self.cycles = netlist, names, out, seconds, cycles
        self.graph = unrolled.Graph()
        self.chosen = {}  # by the mutant's name, inputs that choose it: of each place where its module stands
        self.memories, self.reads, self.free = memories, {}, []
        for name, bits in netlist.inputs.items():
            nodes = {bit: netlist.input_nodes[number] for bit, number in bits}
            mutant = re.search(r"u_mutant_(\d+)\.chosen_o$", name)
            memory = re.search(r"(memory_\d+)\.RD_DATA$", name)
            if mutant:
                self.chosen.setdefault(names[int(mutant[1])], []).extend(nodes.values())
            elif memory:
                self.reads[memory[1]] = nodes
            elif name == "rst_n":
                self.reset = nodes[0]
            else:
                self.free += nodes.values()
        self.ports, self.outputs = {}, []
        for name, bits in netlist.outputs.items():
            memory = re.search(r"(memory_\d+)\.(\w+)$", name)
            if memory:
                self.ports[memory[1], memory[2]] = dict(bits)
            else:
                self.outputs += [(number, name) for _, number in bits]
        self.variables = {}  # of the second side, where it has others than the first
        count = len(netlist.next)
        self.any_state = [self.graph.variable() for _ in range(count)]
        self.in_reset = self.first_side(self.any_state, reset=True)
        self.any_cycle = self.first_side(self.any_state, reset=False)
        # What a register holds as the reset ends: its value there, or anything.
        self.begin = [literal if literal < 2 else self.graph.variable() for literal in self.in_reset.next]
        seen = self.graph.variables_of([*self.in_reset.next, *self.in_reset.outputs])
        self.unseen = {number for number, literal in enumerate(self.any_state) if literal not in seen}
        self.frames = []

    def other(self, *key):
        """A variable of the second side."""
        if key not in self.variables:
            self.variables[key] = self.graph.variable()
        return self.variables[key]

    def first_side(self, state, reset):
        leaves = dict(zip(self.netlist.latch_nodes, state))
        leaves[self.reset] = 0 if reset else 1
        for node in self.free:
            leaves[node] = self.graph.variable()
        for nodes in self.reads.values():
            leaves |= {node: self.graph.variable() for node in nodes.values()}
        for nodes in self.chosen.values():
            leaves |= {node: 0 for node in nodes}
        return Frame(self.netlist, leaves, self.netlist.evaluate(self.graph, leaves))

    def cycle(self, at):
        """Of the first side, counted from the end of the reset."""
        while len(self.frames) <= at:
            self.frames.append(self.first_side(self.frames[-1].next if self.frames else self.begin, reset=False))
        return self.frames[at]

    def second_side(self, first, state, mutant, alike):
        """The cycle `first` with the mutant, from `state`. What it reads of a memory that is `alike` is what the first
        side reads where the addresses are equal."""
        leaves = first.leaves | dict(zip(self.netlist.latch_nodes, state))
        leaves |= {node: 1 for node in self.chosen[mutant]}
        values = self.netlist.evaluate_again(self.graph, leaves, first.values)
        for _ in range(len(self.memories) + 1):  # a memory's address may come out of another
            read = {node: literal for name in self.reads
                    for node, literal in self.read(name, first, values, alike).items() if leaves[node] != literal}
            if not read:
                return Frame(self.netlist, leaves, values)
            leaves |= read
            values = self.netlist.evaluate_again(self.graph, leaves, first.values)
        sys.exit("reset_equivalence: a memory's address comes out of itself")

    def read(self, name, first, values, alike):
        """Node and literal of what is read of a memory."""
        memory, addresses, read = self.memories[name], self.ports.get((name, "RD_ADDR"), {}), {}
        for port in range(memory.reads):
            equal = 1 if name in alike else 0
            for bit in range(port * memory.address, (port + 1) * memory.address):
                if bit in addresses:
                    literal = self.netlist.output_literals[addresses[bit]]
                    there = values[literal >> 1] ^ literal & 1
                    equal = self.graph.both(equal, self.graph.differ(first.outputs[addresses[bit]], there) ^ 1)
            for bit in range(port * memory.width, (port + 1) * memory.width):
                node = self.reads[name].get(bit)
                if node is not None:
                    own = 0 if equal == 1 else self.other("read", first.leaves[node], equal)
                    read[node] = self.graph.choose(equal, first.leaves[node], own)
        return read

    def shown(self, first, second):
        """Outputs that may differ: literal and name."""
        return [(self.graph.differ(first.outputs[number], second.outputs[number]), name)
                for number, name in self.outputs if first.outputs[number] != second.outputs[number]]

    def written(self, name, first, second):
        """When what is written to a memory differs: literals."""
        memory = self.memories[name]
        enables, addresses, data = (self.ports.get((name, port), {}) for port in ("WR_EN", "WR_ADDR", "WR_DATA"))

        def differ(bits, bit):
            return self.graph.differ(first.outputs[bits[bit]], second.outputs[bits[bit]]) if bit in bits else 0

        found = []
        for port in range(memory.writes):
            elsewhere = 0
            for bit in range(port * memory.address, (port + 1) * memory.address):
                elsewhere = self.graph.either(elsewhere, differ(addresses, bit))
            for bit in range(port * memory.width, (port + 1) * memory.width):
                found.append(differ(enables, bit))
                enable = first.outputs[enables[bit]] if bit in enables else 1
                found.append(self.graph.both(enable, self.graph.either(elsewhere, differ(data, bit))))
        return [literal for literal in found if literal]

    def can_be(self, literals, where):
        left = self.end - time.monotonic()
        found = self.graph.satisfiable(literals, self.out / "question.aig", left) if left > 0 else None
        if found is None:
            raise Shows(f"out of time, {where}")
        return found

    def compare(self, first, second, alike, where):
        """Raises Shows; otherwise the memories that are not alike any more."""
        shown = self.shown(first, second)
        if shown and self.can_be([literal for literal, _ in shown], where):
            raise Shows(f"{', '.join(sorted({name for _, name in shown}))} may differ, {where}")
        written = {name: self.written(name, first, second) for name in alike}
        return {name for name, literals in written.items() if literals and self.can_be(literals, where)}

    def differing(self, first, second):
        """Numbers of registers whose bit may differ in the next cycle."""
        return [number for number, literals in enumerate(zip(first.next, second.next)) if literals[0] != literals[1]]

    def proved(self, mutant):
        """Within how many cycles, and the memories that do not hold the same."""
        if mutant not in self.chosen:
            return 0, set()
        self.end = time.monotonic() + self.seconds
        same, alike = set(range(len(self.any_state))), set(self.memories)
        while True:
            same_before, alike_before = len(same), len(alike)
            cycles = self.round(mutant, same, alike)
            if (same_before, alike_before) == (len(same), len(alike)):
                return cycles, set(self.memories) - alike

    def round(self, mutant, same, alike):
        """From a reset on until nothing depends on what differs; takes out of `same` and `alike` what is not."""
        def drop(first, second, where):
            alike.difference_update(self.compare(first, second, alike, where))
            # What a register holds that has a value in reset is not seen any more once there is one.
            lost = [number for number in self.differing(first, second)
                    if number in same and (first is self.in_reset or number not in self.unseen)]
            same.difference_update(lost)

        state = [literal if number in same else self.other("reset", number)
                 for number, literal in enumerate(self.any_state)]
        second = self.second_side(self.in_reset, state, mutant, alike)
        drop(self.in_reset, second, "in reset")
        state = [literal if literal < 2 else self.begin[number] if number in same else self.other("begin", number)
                 for number, literal in enumerate(second.next)]
        for at in range(self.cycles):
            second = self.second_side(self.cycle(at), state, mutant, alike)
            drop(self.cycle(at), second, f"{at} cycles behind the reset")
            left = self.differing(self.cycle(at), second)
            if not left or at % 8 == 7 and self.nothing_depends(mutant, set(left), same, alike):
                return at + 1
            state = second.next
        raise Shows(f"{self.cycles} cycles behind the reset {len(left)} bits of registers may differ")

    def nothing_depends(self, mutant, left, same, alike):
        """Whether both do the same for ever once only `left` differ, and those that come to differ by them."""
        while not left & same - self.unseen:
            state = [self.other("left", number) if number in left else literal
                     for number, literal in enumerate(self.any_state)]
            second = self.second_side(self.any_cycle, state, mutant, alike)
            try:
                if self.compare(self.any_cycle, second, alike, "later"):
                    return False
            except Shows:
                return False
            more = set(self.differing(self.any_cycle, second)) - left
            if not more:
                return True
            left |= more
        return False

    def judge(self, mutant):
        """Whether it is proved without a but, and what is said."""
        try:
            cycles, apart = self.proved(mutant)
        except Shows as shows:
            return False, f"not proved: {shows}"
        if mutant not in self.chosen:
            return True, "proved: nobody reads it"
        but = f", but for what {', '.join(sorted(self.memories[name].name for name in apart))} holds" if apart else ""
        return not apart, f"proved within {cycles} cycles{but}"

    def check(self):
        """Ends the program where a difference is proved to be none."""
        for mutant in DIFFERENCES:
            if mutant not in self.chosen:
                sys.exit(f"reset_equivalence: {mutant} is not there; DIFFERENCES wants another")
            if "not proved" not in self.judge(mutant)[1]:
                sys.exit(f"reset_equivalence: {mutant} is proved to be equivalent")
        print(f"{len(DIFFERENCES)} differences: none is proved to be none", flush=True)


def listed():
    groups = json.loads(LISTED.read_text(encoding="utf-8"))
    return [name for why, group in groups.items() if "reset_equivalence.py" in why for name in group]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--config", default="line")
    parser.add_argument("--seconds", type=int, default=60, help="of abc, for each")
    parser.add_argument("--cycles", type=int, default=40, help="behind the reset")
    parser.add_argument("--listed", action="store_true", help="those that are listed as proved by this script")
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_intermixed_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    netlist, memories, names = prepare(arguments.generated.resolve(), out, arguments.config)
    if arguments.listed:
        arguments.name += listed()
    unknown = set(arguments.name) - set(names.values())
    if unknown:
        parser.error(f"NAME: {', '.join(sorted(unknown))}: no such mutant")
    prover = Prover(netlist, memories, names, out, arguments.seconds, arguments.cycles)
    prover.check()
    missed = 0
    for mutant in arguments.name:
        proved, said = prover.judge(mutant)
        missed += not proved
        print(f"{mutant:<48} {said}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
