# SPDX-License-Identifier: Apache-2.0
"""Census of a mapped ECP5 netlist: how many LUTs lie between registers, and what each endpoint is estimated to take.

An *endpoint* is a data, enable or reset input of a flip-flop, an input of a block RAM, or an output of the module. Its
levels are the LUT4 on the longest way to it from a flip-flop, a RAM or an input; the multiplexers of a slice (PFUMX,
L6MUX21) add none, and a carry chain counts as one level, however long. The estimate takes a hop of wire for
0.85 + 0.13 log2(fan-out) ns, as measured on routed paths of this device; it ranks paths and is not a timing analysis.
"""

import collections
import json
import math
import re

# Delay through a cell, ns (LFE5U, speed 6): clock to output of registers and RAMs; input to output of the others.
LUT, MUX, CARRY_IN, CARRY_STEP, CLOCK_TO_Q, RAM_TO_Q = 0.24, 0.17, 0.45, 0.06, 0.52, 0.55
MUXES = ("PFUMX", "L6MUX21")
# The rules: LUT levels, as 6.4 ns allow them on this device; how many endpoints may have one more, for the mapper gives
# way where other paths are slower; and what one enable or synchronous reset may drive.
LEVELS, DEEPER, LOADS = 3, 8, 320
# Inputs which are no data: the clocks. Of a RAM's write port the data and address are latched with the clock too.
CLOCKS = ("CLK", "CLKA", "CLKB", "WCK")


class Netlist:
    """Cells of one flat module, by the net (bit) that each drives, with fan-outs."""

    def __init__(self, module):
        self.cells = module["cells"]
        self.names = {}
        by_plainness = sorted(module["netnames"].items(), key=lambda item: (item[1].get("hide_name", 0), len(item[0])))
        for name, net in by_plainness:
            for index, bit in enumerate(net["bits"]):
                self.names.setdefault(bit, f"{name}[{index}]" if len(net["bits"]) > 1 else name)
        self.driver, self.fan_out = {}, collections.Counter()
        for name, cell in self.cells.items():
            for port, bits in cell["connections"].items():
                for bit in bits:
                    if cell["port_directions"][port] == "output":
                        self.driver[bit] = (name, port)
                    elif not isinstance(bit, str):
                        self.fan_out[bit] += 1
        ports = module["ports"].values()
        self.outputs = [bit for port in ports if port["direction"] == "output" for bit in port["bits"]]
        self.reached = {}

    def arrival(self, bit):
        """(levels, ns, bit before it on the slowest way) at the driver of a net."""
        stack = [bit]
        while stack:
            top = stack[-1]
            if top in self.reached:
                stack.pop()
                continue
            waits = [b for b in self.inputs(top) if b not in self.reached]
            if waits:
                stack += waits
                continue
            self.reached[top] = self.through(top)
            stack.pop()
        return self.reached[bit]

    def inputs(self, bit):
        """Nets that a net's combinational driver looks at; none for a register, a RAM, an input or a constant."""
        if isinstance(bit, str) or bit not in self.driver:
            return []
        name, port = self.driver[bit]
        cell = self.cells[name]
        kind = cell["type"]
        if kind == "LUT4" or kind in MUXES:
            ports = [p for p, direction in cell["port_directions"].items() if direction == "input"]
        elif kind == "CCU2C":
            ports = ["A0", "B0", "C0", "D0", "CIN"] + (["A1", "B1", "C1", "D1"] if port != "S0" else [])
        elif kind == "TRELLIS_DPR16X4":
            ports = ["RAD"]
        else:
            return []
        return [b for p in ports for b in cell["connections"].get(p, []) if not isinstance(b, str)]

    def hop(self, bit):
        return 0.85 + 0.13 * math.log2(max(1, self.fan_out[bit]))

    def through(self, bit):
        if isinstance(bit, str) or bit not in self.driver:
            return 0, 0.0, None
        name, port = self.driver[bit]
        cell = self.cells[name]
        kind = cell["type"]
        if kind in ("LUT4", "TRELLIS_DPR16X4"):
            ways = [(self.reached[b][0] + 1, self.reached[b][1] + self.hop(b) + LUT, b) for b in self.inputs(bit)]
        elif kind in MUXES:
            select = cell["connections"]["C0" if kind == "PFUMX" else "SD"]
            ways = [
                (self.reached[b][0], self.reached[b][1] + MUX + (self.hop(b) if b in select else 0.0), b)
                for b in self.inputs(bit)
            ]
        elif kind == "CCU2C":
            carry = cell["connections"].get("CIN", [])
            ways = [
                (self.reached[b][0], self.reached[b][1] + CARRY_STEP, b)
                if b in carry and self.driver.get(b, ("", ""))[1] == "COUT"
                else (self.reached[b][0] + 1, self.reached[b][1] + self.hop(b) + CARRY_IN, b)
                for b in self.inputs(bit)
            ]
            if port != "COUT":  # out of the chain to the fabric
                ways = [(levels, ns + CARRY_IN, b) for levels, ns, b in ways]
        elif kind == "TRELLIS_FF":
            return 0, CLOCK_TO_Q, None
        else:
            return 0, RAM_TO_Q, None
        if not ways:
            return 0, 0.0, None
        slowest = max(ways, key=lambda way: way[1])
        return max(way[0] for way in ways), slowest[1], slowest[2]

    def endpoints(self):
        """(levels, ns, what, bit) of every endpoint."""
        for name, cell in self.cells.items():
            if cell["type"] in ("LUT4", "CCU2C", *MUXES):
                continue
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] != "input" or port in CLOCKS:
                    continue
                if cell["type"] == "TRELLIS_DPR16X4" and port == "RAD":
                    continue
                for bit in bits:
                    if isinstance(bit, str):
                        continue
                    levels, ns, _ = self.arrival(bit)
                    yield levels, ns + self.hop(bit), self.what(name, cell, port), bit
        for bit in self.outputs:
            if not isinstance(bit, str):
                levels, ns, _ = self.arrival(bit)
                yield levels, ns + self.hop(bit), f"output {self.names[bit]}", bit

    def what(self, name, cell, port):
        """An endpoint's name: a flip-flop's is its output's."""
        if cell["type"] == "TRELLIS_FF":
            return name if port in ("DI", "M") else f"{name}.{port}"
        return f"{name}.{port}"

    def label(self, bit):
        """A net's name: that of the flip-flop which drives it, or else its own."""
        cell = self.driver.get(bit, (None, ""))[0]
        name = cell if cell and self.cells[cell]["type"] == "TRELLIS_FF" else self.names[bit]
        return name.replace("\\TRELLIS_FF", "")

    def path(self, bit):
        """Names of the nets on the slowest way to a net, first to last."""
        nets = []
        while bit is not None:
            nets.append(f"{self.label(bit)} ({self.fan_out[bit]})")
            bit = self.arrival(bit)[2]
        return nets[::-1]


def group(what):
    """One name for all bits of a vector and all lanes."""
    return re.sub(r"\[\d+\]", "[]", what.replace("\\TRELLIS_FF", ""))


def controls(netlist):
    """Loads of each net that enables or synchronously resets flip-flops, by its name: (enable or reset, loads)."""
    loads = collections.Counter()
    for cell in netlist.cells.values():
        if cell["type"] != "TRELLIS_FF":
            continue
        for port, kind in (("CE", "enable"), ("LSR", "reset")):
            bits = cell["connections"].get(port, [])
            if bits and not isinstance(bits[0], str):
                asynchronous = port == "LSR" and cell["parameters"]["SRMODE"] == "ASYNC"
                loads["asynchronous reset" if asynchronous else kind, bits[0]] += 1
    return {(kind, netlist.label(bit)): number for (kind, bit), number in loads.items()}


def report(path, top, out):
    """Prints how many endpoints there are, writes OUT/census.txt and returns what breaks the rules, one line each."""
    netlist = Netlist(json.loads(path.read_text(encoding="utf-8"))["modules"][top])
    endpoints = list(netlist.endpoints())
    levels = collections.Counter(level for level, *_ in endpoints)
    by_levels = ", ".join(f"{n}: {levels[n]}" for n in sorted(levels))
    print(f"census: {len(endpoints)} endpoints; by LUT levels: {by_levels}")
    groups = {}
    for level, ns, what, bit in endpoints:
        number, deepest, slowest, worst = groups.get(group(what), (0, 0, 0.0, bit))
        groups[group(what)] = (number + 1, max(level, deepest), max(ns, slowest), bit if ns > slowest else worst)
    wide = sorted(((loads, kind, net) for (kind, net), loads in controls(netlist).items()), reverse=True)
    with open(out / "census.txt", "w", encoding="utf-8") as text:
        print("loads kind net, of the widest control nets", file=text)
        for loads, kind, net in wide[:20]:
            print(f"{loads:5d} {kind} {net}", file=text)
        print("\nendpoints levels ns group: slowest way (fan-outs)", file=text)
        for name, (number, deepest, slowest, bit) in sorted(groups.items(), key=lambda item: -item[1][2]):
            print(f"{number:5d} {deepest} {slowest:5.2f} {name}: {' > '.join(netlist.path(bit))}", file=text)
    deep = [(name, deepest) for name, (_, deepest, *_) in groups.items() if deepest > LEVELS]
    for name, deepest in deep:
        print(f"census: {name}: {deepest} LUT levels")
    if max(levels) == LEVELS + 1 and levels[LEVELS + 1] <= DEEPER:
        deep = []
    broad = [(loads, kind, net) for loads, kind, net in wide if kind != "asynchronous reset" and loads > LOADS]
    return [f"{name}: {deepest} LUT levels, expected {LEVELS} at most" for name, deepest in deep] + [
        f"{net}: {kind} of {loads} flip-flops, expected {LOADS} at most" for loads, kind, net in broad
    ]
