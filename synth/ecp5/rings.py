# SPDX-License-Identifier: Apache-2.0
"""The rings of the noise source in an ECP5 netlist: that they are there, whole, and where they lie.

A ring is LUTs named PATH.u_ring.gen_stages[N].u_stage, each of which drives the next one, the last one the first. It
lies in a tile of its own, so that it is as fast as it can be and as long in every build; the tiles are apart.
"""

import json
import re

STAGE = re.compile(r"(.*\bu_ring)\.gen_stages\[(\d+)\]\.u_stage$")
SITES = [f"SLICE{letter}.K{number}" for letter in "ABCD" for number in range(2)]
# In every LFE5U these are tiles of logic, without a block RAM, near the corner at the origin.
TILES = ((4, 4), (4, 8), (8, 4), (8, 8), (12, 4))


def rings(cells):
    """{path of a ring: its cells in the order of the signal}; an error where one is not a closed ring of its own."""
    found = {}
    for name in cells:
        match = STAGE.match(name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = name
    for path, stages in found.items():
        found[path] = [name for _, name in sorted(stages.items())]
        nets = [cells[name]["connections"] for name in found[path]]
        closed = all(net["A"] == before["Z"] for net, before in zip(nets, [nets[-1], *nets]))
        if not closed or len(nets) < 3 or len(nets) % 2 == 0 or len({str(net["Z"]) for net in nets}) != len(nets):
            raise SystemExit(f"synth: {path}: {len(nets)} stages, expected a closed ring of an odd number, 3 or more")
    return found


def place(cells):
    """Gives each ring its tile. Returns how many there are."""
    found = rings(cells)
    if len(found) > len(TILES):
        raise SystemExit(f"synth: {len(found)} rings, expected at most {len(TILES)}; see synth/ecp5/rings.py")
    for (path, names), (column, row) in zip(sorted(found.items()), TILES):
        if len(names) > len(SITES):
            raise SystemExit(f"synth: {path}: {len(names)} stages, expected at most {len(SITES)}, which a tile has")
        for name, site in zip(names, SITES):
            cells[name]["attributes"]["BEL"] = f"X{column}/Y{row}/{site}"
    return len(found)


def apply(path, module):
    """Gives the rings of a module in a netlist's file their places, if there are any."""
    netlist = json.loads(path.read_text(encoding="utf-8"))
    count = place(netlist["modules"][module]["cells"])
    if count:
        print(f"synth: {count} rings, whole and in their places", flush=True)
        path.write_text(json.dumps(netlist), encoding="utf-8")


def options(path):
    """What nextpnr wants to be told about a netlist: any loop is an error to it, unless all are let pass."""
    return ["--ignore-loops"] if "u_ring.gen_stages[" in path.read_text(encoding="utf-8") else []
