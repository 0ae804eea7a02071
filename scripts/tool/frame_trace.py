# SPDX-License-Identifier: Apache-2.0
"""Prints what a waveform of docs/examples/first_frame_tb.v shows of a frame, cycle by cycle, from its first beat to its
verdict.

usage: frame_trace.py WAVEFORM.vcd [FRAME]

FRAME: 1 for the first one on s_axis_net, and so on (1). A cycle is told by its distance from T, in which the last beat
is accepted (docs/timing.md). Values are those that the rising edge at the end of the cycle finds.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = "first_frame_tb"
CLOCK = f"{BENCH}.clk"
PORTS = ("tvalid", "tlast", "tdata", "tkeep", "verdict_valid", "verdict_code", "verdict_pass", "host_tvalid")
INSIDE = ("lookup_soon", "descriptor")
SIGNALS = {**{name: f"{BENCH}.{name}" for name in PORTS}, **{name: f"{BENCH}.dut.{name}" for name in INSIDE}}
# descriptor_t of rtl/reveille_pkg.sv: name, highest bit, lowest bit.
DESCRIPTOR = {"valid": (221, 221), "decided": (219, 219), "verdict": (218, 214), "ap_request": (213, 213),
              "nonce": (211, 180)}


def refuse(message):
    sys.stderr.write(f"frame_trace: {message}\n")
    sys.exit(2)


def header(lines, path):
    """The code of each signal's name, dimensions left out."""
    scope, codes = [], {}
    for line in lines:
        words = line.split()
        if words[:1] == ["$scope"]:
            scope.append(words[2])
        elif words[:1] == ["$upscope"]:
            scope.pop()
        elif words[:1] == ["$var"]:
            codes[".".join([*scope, words[4]])] = words[3]
        elif words[:1] == ["$enddefinitions"]:
            return codes
    return refuse(f"{path}: no $enddefinitions, expected a VCD waveform")


def cycles(path, signals):
    """A dictionary of the signals, by the names that are given to them, for each cycle of the clock."""
    try:
        lines = iter(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{path}: {getattr(error, 'strerror', None) or 'expected a VCD waveform'}")
    codes = header(lines, path)
    for name in (CLOCK, *signals.values()):
        if name not in codes:
            refuse(f"{path}: no signal {name}, expected a waveform of docs/examples/first_frame_tb.v")
    names = {}
    for name, signal in signals.items():
        names.setdefault(codes[signal], []).append(name)
    clock, now, settled = codes[CLOCK], {}, {}
    for line in lines:
        if line.startswith("#"):
            settled = dict(now)  # what stood before this moment
            continue
        match = re.fullmatch(r"b(\S+) (\S+)|([01xz])(\S+)", line)
        if not match:
            continue
        code, value = match[2] or match[4], match[1] or match[3]
        if code == clock and value == "1":
            yield settled
        for name in names.get(code, ()):
            now[name] = int(re.sub("[xz]", "0", value), 2)


def frames(all_cycles):
    """First and last cycle of each frame on s_axis_net."""
    first, found = None, []
    for number, cycle in enumerate(all_cycles):
        if cycle.get("tvalid"):
            first = number if first is None else first
            if cycle["tlast"]:
                found.append((first, number))
                first = None
    return found


def field(word, name):
    high, low = DESCRIPTOR[name]
    return word >> low & (1 << high - low + 1) - 1


def row(cycle, verdicts):
    """What is to be seen in a cycle: the octets that come in, and what the core makes of them."""
    octets = ""
    if cycle["tvalid"]:
        octets = " ".join(f"{cycle['tdata'] >> 8 * lane & 255:02x}" for lane in range(8) if cycle["tkeep"] >> lane & 1)
    seen = []
    if cycle["lookup_soon"]:
        seen.append("look-up: the store is read in the next two cycles")
    descriptor = cycle["descriptor"]
    if field(descriptor, "valid"):
        if field(descriptor, "decided"):
            seen.append(f"descriptor: decided, {verdicts[field(descriptor, 'verdict')]}")
        else:
            kind = "AP Request" if field(descriptor, "ap_request") else "SA Recovered"
            seen.append(f"descriptor: {kind}, nonce {field(descriptor, 'nonce'):08x}")
    if cycle["verdict_valid"]:
        seen.append(f"verdict: {verdicts[cycle['verdict_code']]}, {'passed' if cycle['verdict_pass'] else 'dropped'}")
    if cycle["host_tvalid"]:
        seen.append("m_axis_host: a beat")
    return octets, "; ".join(seen)


def main():
    if len(sys.argv) not in (2, 3) or (len(sys.argv) == 3 and not re.fullmatch(r"[1-9]\d*", sys.argv[2])):
        refuse("expected a waveform, and the number of a frame from 1 on")
    wanted = int(sys.argv[2]) if len(sys.argv) == 3 else 1
    table = json.loads((ROOT / "docs/verdicts.json").read_text(encoding="utf-8"))
    verdicts = [entry["name"] for entry in table["verdicts"]]
    all_cycles = list(cycles(pathlib.Path(sys.argv[1]), SIGNALS))
    found = frames(all_cycles)
    if wanted > len(found):
        refuse(f"frame {wanted}: there are {len(found)}")
    first, last = found[wanted - 1]
    print("cycle  s_axis_net               in the core, and what comes out")
    for number in range(first, min(last + 21, len(all_cycles))):
        octets, seen = row(all_cycles[number], verdicts)
        if octets or seen:
            distance = number - last
            cycle = "T" if distance == 0 else f"T{distance:+d}"
            print(f"{cycle:<6} {octets:<24} {seen}".rstrip())


if __name__ == "__main__":
    main()
