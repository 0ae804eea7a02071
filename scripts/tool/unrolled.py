# SPDX-License-Identifier: Apache-2.0
"""Netlists that Yosys wrote as and-inverter graphs (AIGER), unrolled cycle by cycle into a graph in which what is built
alike is one node, so that what two runs of a netlist have in common costs nothing.

A literal is twice a node, plus one where it is inverted; 0 is false and 1 true.
"""
import pathlib
import re
import subprocess
import sysconfig

ABC = pathlib.Path(sysconfig.get_path("platlib")) / "pyosys/yosys-abc"


class Graph:
    def __init__(self):
        self.fan_in = [None]  # of each node, two literals; none of a variable
        self.nodes = {}

    def variable(self):
        self.fan_in.append(None)
        return 2 * (len(self.fan_in) - 1)

    def both(self, a, b):
        if a > b:
            a, b = b, a
        if a == 0 or a ^ 1 == b:
            return 0
        if a in (1, b):
            return b
        node = self.nodes.get((a, b))
        if node is None:
            node = self.nodes[a, b] = len(self.fan_in)
            self.fan_in.append((a, b))
        return 2 * node

    def either(self, a, b):
        return self.both(a ^ 1, b ^ 1) ^ 1

    def differ(self, a, b):
        if a ^ b < 2:
            return a ^ b
        return self.either(self.both(a, b ^ 1), self.both(a ^ 1, b))

    def choose(self, condition, a, b):
        return self.either(self.both(condition, a), self.both(condition ^ 1, b))

    def cone(self, literals):
        """All nodes that these depend on, in order."""
        wanted, pending = set(), [literal >> 1 for literal in literals]
        while pending:
            node = pending.pop()
            if node not in wanted:
                wanted.add(node)
                pending += [literal >> 1 for literal in self.fan_in[node] or ()]
        return sorted(wanted - {0})

    def variables_of(self, literals):
        return {2 * node for node in self.cone(literals) if not self.fan_in[node]}

    def satisfiable(self, literals, file, seconds):
        """Whether one of them can be true; None where abc did not say so in time."""
        literals = sorted(set(literals) - {0})
        if not literals or 1 in literals:
            return bool(literals)
        cone = self.cone(literals)
        write_aiger(file, [node for node in cone if not self.fan_in[node]],
                    [(node, *self.fan_in[node]) for node in cone if self.fan_in[node]], literals)
        try:
            run = subprocess.run([ABC, "-q", f"read_aiger {file}; strash; dsat -C 0; print_status"], check=False,
                                 capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        status = re.search(r"^Status = (-?\d+) ", run.stdout, re.MULTILINE)
        return {"1": False, "0": True}.get(status and status[1])


def write_aiger(file, inputs, ands, literals):
    """A file whose one output is whether one of the literals is true. `ands`: node and two literals, in order."""
    number = {node: at for at, node in enumerate([0, *inputs, *(node for node, _, _ in ands)])}
    rows = [(2 * number[node], *(2 * number[a >> 1] + (a & 1) for a in fan_in)) for node, *fan_in in ands]
    output = 0
    for literal in literals:
        rows.append((2 * (len(inputs) + len(rows) + 1), output ^ 1, 2 * number[literal >> 1] + (literal & 1) ^ 1))
        output = rows[-1][0] + 1
    octets = bytearray(f"aig {len(inputs) + len(rows)} {len(inputs)} 0 1 {len(rows)}\n{output}\n".encode())
    for row, *fan_in in rows:
        below = row
        for literal in sorted(fan_in, reverse=True):
            delta, below = below - literal, literal
            while delta > 127:
                octets.append(delta & 127 | 128)
                delta >>= 7
            octets.append(delta)
    file.write_bytes(octets)


class Netlist:
    """What `write_aiger -ascii -map` wrote. Inputs, outputs and latches by their names, a list of (bit, number) each;
    a bit of an output that is constant has no name there."""

    def __init__(self, aiger, names):
        lines = aiger.read_text(encoding="utf-8").splitlines()
        self.size, inputs, latches, outputs, ands = map(int, lines[0].split()[1:6])
        at = iter(lines[1:])
        self.input_nodes = [int(next(at)) >> 1 for _ in range(inputs)]
        rows = [list(map(int, next(at).split())) for _ in range(latches)]
        self.latch_nodes, self.next = [row[0] >> 1 for row in rows], [row[1] for row in rows]
        self.output_literals = [int(next(at)) for _ in range(outputs)]
        self.ands = [(row[0] >> 1, row[1], row[2]) for row in (tuple(map(int, next(at).split())) for _ in range(ands))]
        self.ands.sort()
        if any(node <= max(a, b) >> 1 for node, a, b in self.ands):
            raise ValueError(f"{aiger}: a node stands before what goes into it")
        self.inputs, self.outputs, self.latches = {}, {}, {}
        for line in names.read_text(encoding="utf-8").splitlines():
            kind, number, bit, name = line.split(" ", 3)
            named = {"input": self.inputs, "output": self.outputs, "latch": self.latches}.get(kind)
            if named is not None:
                named.setdefault(name.lstrip("\\"), []).append((int(bit), int(number)))

    def evaluate(self, graph, leaves):
        """The literal of each node, from those of inputs and latches."""
        values = [0] * (self.size + 1)
        for node, literal in leaves.items():
            values[node] = literal
        both = graph.both
        for node, a, b in self.ands:
            values[node] = both(values[a >> 1] ^ a & 1, values[b >> 1] ^ b & 1)
        return values

    def evaluate_again(self, graph, leaves, values):
        """The same, where `values` are known of other leaves: what does not differ is not looked at."""
        values, changed = list(values), bytearray(self.size + 1)
        for node, literal in leaves.items():
            if values[node] != literal:
                values[node], changed[node] = literal, 1
        both = graph.both
        for node, a, b in self.ands:
            if changed[a >> 1] or changed[b >> 1]:
                literal = both(values[a >> 1] ^ a & 1, values[b >> 1] ^ b & 1)
                if literal != values[node]:
                    values[node], changed[node] = literal, 1
        return values
