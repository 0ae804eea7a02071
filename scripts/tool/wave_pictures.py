# SPDX-License-Identifier: Apache-2.0
"""Draws with WaveDrom what a waveform of docs/examples/first_frame_tb.v, run on configuration line, shows of the rules
of docs/timing.

usage: wave_pictures.py WAVEFORM.vcd OUT

Writes OUT/waveforms.md, and a picture for each of its paragraphs: OUT/NAME.svg, with its WaveJSON in OUT/NAME.json. A
cycle is what the rising edge at its end finds.
"""

import json
import pathlib
import sys

import wavedrom

import frame_trace

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUS = ("awaddr", "write_valid", "awready", "bvalid", "araddr", "arvalid", "arready", "rvalid", "rdata")
SIGNALS = frame_trace.SIGNALS | {name: f"{frame_trace.BENCH}.{name}" for name in BUS}
TABLE = json.loads((ROOT / "docs/verdicts.json").read_text(encoding="utf-8"))
VERDICTS = [entry["name"] for entry in TABLE["verdicts"]]
PAGE = """# Waveforms

Each picture is of the core itself: [the smallest testbench](../examples/first_frame_tb.v), run on configuration `line`
when these pages were built. Cycles and rules are those of [timing.md](../timing.md).
"""


def lane(name, values, label=None):
    """A signal; of one with labels, those of its values, and nothing where there is none."""
    wave, data, before = "", [], ...  # ...: none yet
    for value in values:
        shown = value if label is None else label(value)
        if shown == before:
            wave += "."
        elif label is None:
            wave += "01"[shown]
        elif shown is None:
            wave += "z"
        else:
            wave += "="
            data.append(shown)
        before = shown
    return {"name": name, "wave": wave, "data": data}


def numbers(cycles, last):
    return {"name": "cycle", "wave": "=" * len(cycles),
            "data": [f"T{number - last:+d}" if number != last else "T" for number in cycles]}


def of(name, cycles):
    return [cycle[name] for cycle in cycles]


def frame(all_cycles, number, behind):
    """A frame from its first beat to so many cycles behind its last."""
    first, last = frame_trace.frames(all_cycles)[number]
    shown = range(first - 1, last + behind)
    cycles = [all_cycles[cycle] for cycle in shown]
    codes = [VERDICTS[cycle["verdict_code"]] if cycle["verdict_valid"] else None for cycle in cycles]
    decided = [frame_trace.field(cycle["descriptor"], "valid") for cycle in cycles]
    reads = [int(any(all_cycles[cycle - back]["lookup_soon"] for back in (1, 2))) for cycle in shown]
    return [numbers(shown, last), {"name": "s_axis_net"}, lane("tvalid", of("tvalid", cycles)),
            lane("tlast", of("tlast", cycles)), {"name": "in the core"}, lane("store is read", reads),
            lane("descriptor", decided), {"name": "verdict port"},
            lane("verdict_valid", of("verdict_valid", cycles)), lane("verdict_code", codes, lambda code: code),
            lane("verdict_pass", of("verdict_pass", cycles)), {"name": "m_axis_host"},
            lane("tvalid", of("host_tvalid", cycles))]


def access(all_cycles, valid, done, names, word, strobe):
    """The first access of that kind, from its request to the cycle behind its response."""
    first = next(number for number, cycle in enumerate(all_cycles) if cycle.get(valid))
    last = next(number for number in range(first, len(all_cycles)) if all_cycles[number][done])
    cycles = all_cycles[first - 1:last + 2]
    words = [f"{cycle[word]:x}" if cycle[strobe] else None for cycle in cycles]
    return [*(lane(shown, of(name, cycles)) for shown, name in names), lane(f"s_axil_{word}", words, lambda text: text)]


def pictures(all_cycles):
    """Name, what is to be seen, and the lanes of each."""
    yield ("passes",
           "A frame that is none of the guard's business (ARP, eight beats): the descriptor in T+12 (T3), the verdict"
           " in T+14 (T4), the first beat at the host port five cycles behind it (I6).", frame(all_cycles, 0, 30))
    yield ("dropped",
           "An AP Request that nobody asked for (eleven beats): the store is read in T+8 and T+9 (T2), the descriptor"
           " comes in T+12 (T3), the verdict in T+14 (T4) as of any frame. The host port stays quiet.",
           frame(all_cycles, 1, 18))
    names = ("s_axil_arvalid", "arvalid"), ("s_axil_arready", "arready"), ("s_axil_rvalid", "rvalid")
    yield ("read",
           "A read of register ID over AXI4-Lite ([host.md](../timing/host.md)).",
           access(all_cycles, "arvalid", "rvalid", names, "rdata", "rvalid"))
    names = ("s_axil_awvalid", "write_valid"), ("s_axil_awready", "awready"), ("s_axil_bvalid", "bvalid")
    yield ("write",
           "A write of a server's address.",
           access(all_cycles, "write_valid", "bvalid", names, "awaddr", "write_valid"))


def main():
    if len(sys.argv) != 3:
        sys.exit("wave_pictures: expected a waveform and a folder")
    out = pathlib.Path(sys.argv[2])
    all_cycles = list(frame_trace.cycles(pathlib.Path(sys.argv[1]), SIGNALS))
    page = PAGE
    for name, words, lanes in pictures(all_cycles):
        source = json.dumps({"signal": lanes, "config": {"hscale": 2}})
        (out / f"{name}.json").write_text(source + "\n", encoding="utf-8")
        wavedrom.render(source).saveas(out / f"{name}.svg")
        page += f"\n{words}\n\n![{name}]({name}.svg)\n"
    (out / "waveforms.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
