# SPDX-License-Identifier: Apache-2.0
"""Synthesis, place and route for ECP5 (LFE5U in CABGA381, speed grade 6), out of context.

Writes OUT/report.json: fmax_mhz {min, median, max} over the seeds, and lut4, ff, bram, dsp of the module alone and of
each module in it. The harness (harness.py) is placed with it but not counted. Seeds already done are kept as long as
sources and options stay the same; `critical` names the slowest path of each seed. Status 1 if the median misses the
frequency asked for, or the core does not fit the device.
"""

import argparse
import hashlib
import json
import pathlib
import re
import statistics
import subprocess
import sys

from pyosys import libyosys

import census
import floorplan
import harness
import rings

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "scripts" / "tool"
sys.path.insert(0, str(TOOL))
import campaign  # noqa: E402
import rtl_files  # noqa: E402
# Name, LUT4, block RAMs of 18 kbit.
DEVICES = {"25k": ("LFE5U-25F", 24288, 56), "45k": ("LFE5U-45F", 43848, 108), "85k": ("LFE5U-85F", 83640, 208)}
PACKAGE = ["--package", "CABGA381", "--speed", "6"]
# What the store's RAMs have places for (floorplan.py).
PLANNED = ("line", "85k")
# Out of context there are four pins to hold the analytic placer (heap) apart: it leaves twice the wire length on the
# whole core, which then takes an hour to route. The static one does not need them.
PLACER = ["--placer", "static"]
# Sites of LUT4 that a cell takes: a distributed RAM fills two slices and blocks a third's LUTs for its write port.
LUT4_SITES = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}
BLOCKS = {"ff": ("TRELLIS_FF",), "bram": ("DP16KD", "PDPW16KD"), "dsp": ("MULT18X18D", "ALU54B")}


def count(cells):
    return {"lut4": sum(LUT4_SITES.get(kind, 0) * number for kind, number in cells.items())} | {
        name: sum(cells.get(kind, 0) for kind in kinds) for name, kinds in BLOCKS.items()
    }


def sources(top, out, config, without=()):
    """The RTL of a module in order of compilation, with ECP5's own forms of its primitives, but for those named."""
    rtl_files.generate(out, config)
    own = [path for path in sorted((ROOT / "synth/ecp5").glob("*.sv")) if path.stem not in without]
    return [str(path) for path in rtl_files.rtl_files(out, [top], own)]


def yosys(log, script):
    """Runs the commands in a process of its own, for an error of Yosys ends the process."""
    path = log.with_suffix(".ys")
    path.write_text("\n".join(script) + "\n", encoding="utf-8")
    if subprocess.run([TOOL / "yosys", "-ql", log, "-s", path], check=False).returncode:
        sys.exit(f"synth: yosys failed; see {log}")


def read(top, files, options=""):
    primitives = " ".join(f"--blackboxed-module {name}" for name in ("CCU2C", "DP16KD", "LUT4", "TRELLIS_FF"))
    return rtl_files.read_slang(files, top, f"{options} --ignore-assertions {primitives}")


def map_alone(top, files, out, wire=1000, flip_flops=()):
    """OUT/core.json: the module mapped alone. Returns its cells by type.

    A wire is reckoned as `wire` picoseconds: synth_ecp5's own figure of 300 lets LUT levels go by for which this device
    has no time at 156 MHz. The steps `flip_flops` come before the mapping of flip-flops.
    """
    stat = out / "flat.stat.json"
    yosys(
        out / "synth.log",
        [
            read(top, files),
            f"synth_ecp5 -top {top} -run :map_ffs",
            *flip_flops,
            # Flip-flops are named after what they hold: mapping to LUTs loses the nets' names.
            f"synth_ecp5 -top {top} -run map_ffs:map_luts",
            "rename -wire t:TRELLIS_FF",
            "techmap -map +/lattice/latches_map.v",
            f"abc9 -W {wire}",
            "clean",
            f"synth_ecp5 -top {top} -run map_cells:",
            # Flip-flops that turn out to hold the same, but for those that are meant to: a LUT4 can lie beside one
            # only.
            "opt_merge -share_all t:TRELLIS_FF c:*.u_reset c:*.u_copy %u %d",
            "clean",
            f"tee -q -o {stat} stat -json",
            f"select {top}",
            f"write_json -selected {out}/core.json",
        ],
    )
    return json.loads(stat.read_text())["design"]["num_cells_by_type"]


def wrap(top, out, planned):
    """OUT/netlist.json: the mapped module in its harness, rings and the store's RAMs in their places."""
    ports = yosys_modules(out / "core.json")[top]["ports"]
    listed = [(name, port["direction"], len(port["bits"])) for name, port in ports.items()]
    (out / "harness.v").write_text(harness.wrap(top, listed), encoding="utf-8")
    yosys(
        out / "harness.log",
        [
            f"read_verilog {out}/harness.v",
            "synth_ecp5 -top harness",
            f"delete ={top}",
            f"read_json {out}/core.json",
            "hierarchy -top harness",
            "flatten",
            "clean",
            f"write_json {out}/netlist.json",
        ],
    )
    if planned:
        floorplan.apply(out / "netlist.json")
    rings.apply(out / "netlist.json", "harness")


def yosys_modules(path):
    return json.loads(path.read_text(encoding="utf-8"))["modules"]


def per_module(top, files, out):
    """Counts of each module over all its instances, with all that lies below it.

    The borders of the modules are kept for this; only constants and unused ports go through them. So the modules come
    out somewhat larger than in the whole, where logic merges across borders.
    """
    stat, optimize = out / "modules.stat.json", ["opt -full", "opt_hier"]
    yosys(
        out / "modules.log",
        [
            read(top, files, "--keep-hierarchy"),
            f"hierarchy -check -top {top}",
            *optimize * 3,
            f"synth_ecp5 -noflatten -top {top}",
            f"tee -q -o {stat} stat -json",
        ],
    )
    modules = {
        name.lstrip("\\"): {kind.lstrip("\\"): number for kind, number in module["num_cells_by_type"].items()}
        for name, module in yosys_modules(stat).items()
    }

    def inclusive(name):
        total = {}
        for kind, number in modules[name].items():
            for leaf, leaves in (inclusive(kind) if kind in modules else {kind: 1}).items():
                total[leaf] = total.get(leaf, 0) + number * leaves
        return total

    # slang makes a module of every instance, `module$path.of.instance`: summed under the module's name.
    report = {}
    for name in modules:
        entry = report.setdefault(name.split("$")[0], {"instances": 0} | count({}))
        entry["instances"] += 1
        for key, number in count(inclusive(name)).items():
            entry[key] += number
    return dict(sorted(report.items(), key=lambda item: -item[1]["lut4"]))


def place_and_route(seed, out, arguments):
    """One seed of nextpnr; OUT/seed-N.json holds its frequency and slowest path."""
    # Relative names: the wheel's sandbox has a /tmp of its own.
    report, log = f"nextpnr-{seed}.json", f"nextpnr-{seed}.log"
    command = [TOOL / "nextpnr-ecp5", f"--{arguments.device}", *PACKAGE, *PLACER, "--json", "netlist.json"]
    command += ["--freq", str(arguments.freq), "--seed", str(seed), "--report", report]
    command += ["--lpf-allow-unconstrained", "--timing-allow-fail", *rings.options(out / "netlist.json")]
    with open(out / log, "w", encoding="utf-8") as text:
        if subprocess.run(command, cwd=out, stdout=text, stderr=text, check=False).returncode:
            sys.exit(f"synth: nextpnr failed with seed {seed}; see {out / log}")
    result = json.loads((out / report).read_text())
    fmax = min(clock["achieved"] for clock in result["fmax"].values())
    path = [p for p in result["critical_paths"] if "async" not in p["from"] + p["to"]][0]["path"]
    slowest = {
        "from": f"{path[0]['from']['cell']}.{path[0]['from']['port']}",
        "to": f"{path[-1]['to']['cell']}.{path[-1]['to']['port']}",
        "logic_ns": round(sum(s["delay"] for s in path if s["type"] != "routing"), 2),
        "routing_ns": round(sum(s["delay"] for s in path if s["type"] == "routing"), 2),
        "levels": sum(s["type"] == "logic" for s in path),
        "nets": [s["net"] for s in path if s["type"] == "routing" and "CCU2" not in s["net"]],  # without carry chains
    }
    (out / f"seed-{seed}.json").write_text(json.dumps({
        "fmax_mhz": round(fmax, 2), "critical": slowest, "command": " ".join(map(str, command))}))
    print(f"synth: seed {seed}: {round(fmax, 2)} MHz", flush=True)


def fingerprint(files, arguments):
    digest = hashlib.sha256(repr((arguments.top, arguments.freq, arguments.device, PACKAGE, PLACER)).encode())
    for path in [*files, __file__, floorplan.__file__, harness.__file__, rings.__file__]:
        digest.update(pathlib.Path(path).read_bytes())
    return digest.hexdigest()


def parse():
    parser = argparse.ArgumentParser(prog="scripts/synth ecp5")
    parser.add_argument("--top", default="reveille", help="module to synthesize (default: %(default)s)")
    parser.add_argument("--config", default="line",
                        help="a name in rtl/configs, or a file like those (default: %(default)s)")
    parser.add_argument("--device", default="85k", choices=DEVICES, help="size of the LFE5U (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of nextpnr (default: %(default)s)")
    parser.add_argument("--freq", type=float, default=156.25, help="frequency asked for, MHz (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the report (default: build/synth/ecp5/TOP)")
    parser.add_argument("--census", action="store_true", help="only map, and check the LUT levels of every endpoint")
    parser.add_argument("--verilog", type=pathlib.Path, metavar="FILE",
                        help="only map, and write what comes of it, cells that Yosys' cells_sim_ecp5.v has models of")
    parser.add_argument("--force", action="store_true", help="do again what is done")
    parser.add_argument("--place", type=int, help=argparse.SUPPRESS)  # one seed of a netlist that is in --out
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds {arguments.seeds}: expected 1 or more")
    return arguments


def main():
    arguments = parse()
    if arguments.place is not None:
        place_and_route(arguments.place, arguments.out, arguments)
        return
    folder = "census" if arguments.census else "ecp5"
    name = "-".join([arguments.top, *([pathlib.Path(arguments.config).stem] if arguments.config != "line" else []),
                     *([arguments.device] if arguments.device != "85k" else [])])
    out = (arguments.out or ROOT / "build/synth" / folder / name).resolve()
    out.mkdir(parents=True, exist_ok=True)
    files = sources(arguments.top, out / "generated", arguments.config)

    if arguments.verilog:
        cells = count(map_alone(arguments.top, files, out))
        written = arguments.verilog.resolve()
        yosys(out / "verilog.log", [f"read_json {out}/core.json", f"write_verilog -noattr {written}"])
        print("synth: " + ", ".join(f"{number} {name}" for name, number in cells.items()), flush=True)
        return

    if arguments.census:
        cells = count(map_alone(arguments.top, files, out))
        print("synth: " + ", ".join(f"{number} {name}" for name, number in cells.items()), flush=True)
        failures = census.report(out / "core.json", arguments.top, out)
        print(*failures, f"synth: {out / 'census.txt'}", sep="\n")
        sys.exit(1 if failures else 0)

    stamp, state = fingerprint(files, arguments), out / "state.json"
    kept = json.loads(state.read_text()) if state.exists() and not arguments.force else {}
    if kept.get("fingerprint") != stamp:
        for old in out.glob("seed-*.json"):
            old.unlink()
        state.unlink(missing_ok=True)
        print(f"synth: {arguments.top}: Yosys", flush=True)
        cells = map_alone(arguments.top, files, out)
        wrap(arguments.top, out, (arguments.config, arguments.device) == PLANNED)
        kept = {"fingerprint": stamp, "core": count(cells), "modules": per_module(arguments.top, files, out)}
        state.write_text(json.dumps(kept))
    print("synth: " + ", ".join(f"{number} {name}" for name, number in kept["core"].items()), flush=True)
    device, lut4, bram = DEVICES[arguments.device]
    for name, here in (("lut4", lut4), ("bram", bram)):
        if kept["core"][name] > here:
            print(f"synth: {arguments.config} on {device}: {kept['core'][name]} {name}, expected at most {here}",
                  file=sys.stderr)
            sys.exit(1)

    seeds = range(1, arguments.seeds + 1)
    todo = [seed for seed in seeds if not (out / f"seed-{seed}.json").exists()]
    settings = {"device": arguments.device, "freq": arguments.freq}
    if not campaign.snakemake([out / f"seed-{seed}.json" for seed in todo], arguments.jobs, settings=settings):
        sys.exit("synth: a seed came to no end: see above")
    results = {seed: json.loads((out / f"seed-{seed}.json").read_text()) for seed in seeds}
    fmax = [result["fmax_mhz"] for result in results.values()]
    report = {
        "top": arguments.top,
        "configuration": pathlib.Path(arguments.config).stem,
        "device": f"{device}, CABGA381, speed 6",
        "used": {"lut4": round(kept["core"]["lut4"] / lut4, 3), "bram": round(kept["core"]["bram"] / bram, 3)},
        "tools": {"yosys": libyosys.yosys_maybe_version(), "nextpnr": nextpnr_version()},
        "target_mhz": arguments.freq,
        "fmax_mhz": {"min": min(fmax), "median": statistics.median(fmax), "max": max(fmax), "seeds": fmax},
        **kept["core"],
        "modules": kept["modules"],
        "critical": {seed: result["critical"] for seed, result in results.items()},
    }
    path = out / "report.json"
    path.with_suffix(".tmp").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".tmp").rename(path)
    print("synth: Fmax MHz min {min}, median {median}, max {max}".format(**report["fmax_mhz"]))
    print(f"synth: {path}")
    if report["fmax_mhz"]["median"] < arguments.freq:
        print(f"synth: {arguments.config} on {device}: {report['fmax_mhz']['median']} MHz in the median, expected "
              f"{arguments.freq}", file=sys.stderr)
        sys.exit(1)


def nextpnr_version():
    text = subprocess.run([TOOL / "nextpnr-ecp5", "--version"], capture_output=True, text=True, check=True)
    return re.search(r"Version ([\w.+-]+)", text.stdout + text.stderr).group(1)


if __name__ == "__main__":
    main()
