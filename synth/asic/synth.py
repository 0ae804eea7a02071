# SPDX-License-Identifier: Apache-2.0
"""The core in standard cells of an open library: gate equivalents of each block, area, and the clock before layout.

Yosys and abc map it, block RAMs stay macros (macros.py), OpenSTA times it without wires. Writes OUT/report.json and
OUT/table.md. Small RAMs (reveille_lutram) become flip-flops. Library and OpenSTA are none of what scripts/setup
installs: the message that one is missing says where it is. Status 1 if the clock asked for is missed.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "scripts/tool"
sys.path[1:1] = [str(TOOL), str(ROOT / "synth/ecp5")]
import harness  # noqa: E402
import macros  # noqa: E402
import rtl_files  # noqa: E402

# The open 180 nm library of Oklahoma State University; its areas are square micrometres.
LIBERTY = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
GATE, FLIP_FLOPS = "NAND2X1", re.compile("DFF.*")
DRIVER, LOAD = "BUFX4", 50  # of every port, for abc; the load in fF


def needed(liberty):
    """The path of OpenSTA; ends with status 2 where it or the library is missing."""
    sta = shutil.which("sta")
    for there, what, package in (
        (liberty.is_file(), f"no library {liberty}", "qflow-tech-osu018"),
        (sta, "no program sta", "opensta"),
    ):
        if not there:
            print(f"synth: {what}: expected what Debian's package {package} installs", file=sys.stderr)
            sys.exit(2)
    return sta


def yosys(log, commands):
    """Runs the commands in a process of its own, for an error of Yosys ends the process."""
    script = log.with_suffix(".ys")
    script.write_text("\n".join(commands) + "\n", encoding="utf-8")
    if subprocess.run([TOOL / "yosys", "-ql", log, "-s", script], check=False).returncode:
        sys.exit(f"synth: yosys failed; see {log}")


def read(top, config, out):
    """Yosys' commands that read a module, its block RAMs as black boxes, a module an instance."""
    rtl_files.generate(out / "generated", config)
    files = rtl_files.rtl_files(out / "generated", [top])
    return [
        rtl_files.read_slang(files, top, "--keep-hierarchy --ignore-assertions"),
        f"hierarchy -check -top {top}",
        *(f"blackbox {name}$*" for name in macros.NAMES),
    ]


def mapped(top, sources, steps, out, name):
    """Modules of the mapped design, as write_json says them; OUT/NAME.v is its netlist."""
    write = [f"write_json {out}/{name}.json", f"write_verilog -noattr -noexpr -nohex -simple-lhs {out}/{name}.v"]
    yosys(out / f"{name}.log", [*sources, *steps, *write])
    return json.loads((out / f"{name}.json").read_text())["modules"]


def steps(synth, abc, liberty):
    """From RTL to cells of the library: no contents at power-up, for an ASIC has none."""
    return [synth, "setattr -unset init w:*", f"dfflibmap -liberty {liberty}", f"abc -liberty {liberty} {abc}",
            "setundef -zero", "clean"]


def blocks(top, modules, areas):
    """Of every module over its instances, with all below it: gate equivalents, flip-flops, bits in macros."""

    def inclusive(name):
        total = {"gates": 0, "ff": 0, "ram_bits": 0}
        for cell in modules[name]["cells"].values():
            kind = cell["type"]
            if kind in areas:
                total["gates"] += areas[kind] / areas[GATE]
                total["ff"] += bool(FLIP_FLOPS.fullmatch(kind))
            elif kind.split("$")[0] in macros.NAMES:
                _, words, bits = macros.size(kind, modules[kind]["ports"])
                total["ram_bits"] += words * bits
            elif kind in modules:
                for key, number in inclusive(kind).items():
                    total[key] += number
        return total

    report = {}
    for name in modules:
        if name in areas or not name.split("$")[0].startswith("reveille") or name.split("$")[0] in macros.NAMES:
            continue
        entry = report.setdefault(name.split("$")[0], {"instances": 0, "gates": 0, "ff": 0, "ram_bits": 0})
        entry["instances"] += 1
        for key, number in inclusive(name).items():
            entry[key] += round(number)
    return dict(sorted(report.items(), key=lambda item: -item[1]["gates"]))


def timed(sta, top, modules, period, liberty, out):
    """Slack of the slowest path between registers, and the path as OpenSTA reports it."""
    rams = {name: f"ram_{index}" for index, name in enumerate(n for n in modules if n.split("$")[0] in macros.NAMES)}
    (out / "macros.lib").write_text(macros.liberty({rams[name]: modules[name]["ports"] for name in rams}))
    clock = next(name for name in harness.CLOCKS if name in modules[top]["ports"])
    # Names of OpenSTA's kind for the macros: a cell's type begins its line.
    cell = re.compile(r"^( *)\\(\S+)(?= )", re.MULTILINE)
    netlist = cell.sub(lambda m: m[1] + rams.get(m[2], "\\" + m[2]), (out / "flat.v").read_text())
    (out / "netlist.v").write_text(netlist)
    script = [f"read_liberty {liberty}", f"read_liberty {out}/macros.lib", f"read_verilog {out}/netlist.v",
              f"link_design {top}", f"create_clock -name clk -period {period} {clock}",
              "report_checks -path_delay max -path_group clk", "exit"]
    (out / "sta.tcl").write_text("\n".join(script) + "\n")
    result = subprocess.run([sta, "-no_splash", "-exit", out / "sta.tcl"], capture_output=True, text=True, check=False)
    (out / "sta.log").write_text(result.stdout + result.stderr)
    slack = re.search(r"(-?[\d.]+) +slack", result.stdout)
    if result.returncode or "Error" in result.stdout + result.stderr or not slack:
        sys.exit(f"synth: OpenSTA failed; see {out}/sta.log")
    return float(slack[1]), result.stdout[result.stdout.index("Startpoint"):]


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth asic", usage=argparse.SUPPRESS)
    parser.add_argument("--top", default="reveille")
    parser.add_argument("--config", default="line")
    parser.add_argument("--freq", type=float, default=156.25)
    parser.add_argument("--liberty", type=pathlib.Path, default=LIBERTY)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.freq > 0:
        parser.error(f"--freq {arguments.freq}: expected more than 0")
    liberty, top = arguments.liberty.resolve(), arguments.top
    sta = needed(liberty)
    out = (arguments.out or ROOT / "build/synth/asic" / f"{top}-{pathlib.Path(arguments.config).stem}").resolve()
    out.mkdir(parents=True, exist_ok=True)
    cells = re.findall(r"cell ?\((\w+)\) ?{\s*area : ([\d.]+)", liberty.read_text())
    areas = {name: float(area) for name, area in cells}
    sources = read(top, arguments.config, out)
    period = 1000 / arguments.freq
    (out / "abc.constr").write_text(f"set_driving_cell {DRIVER}\nset_load {LOAD}\n")

    print("synth: block by block", flush=True)
    by_block = blocks(top, mapped(top, sources, steps(f"synth -top {top}", "", liberty), out, "blocks"), areas)
    print("synth: the whole", flush=True)
    options = f"-D {round(1000 * period)} -constr {out}/abc.constr"
    modules = mapped(top, sources, steps(f"synth -flatten -top {top}", options, liberty), out, "flat")
    whole = blocks(top, {name: modules[name] for name in modules if name not in areas}, areas)[top]
    slack, path = timed(sta, top, modules, period, liberty, out)
    fmax = round(1000 / (period - slack), 1)

    rams = {}
    for name in modules:
        if name.split("$")[0] in macros.NAMES:
            key = macros.size(name, modules[name]["ports"])
            rams[key] = rams.get(key, 0) + 1
    report = {
        "configuration": pathlib.Path(arguments.config).stem,
        "library": liberty.stem,
        **whole,
        "cell_area_mm2": round(whole["gates"] * areas[GATE] / 1e6, 3),
        "fmax_mhz": fmax,
        "path": path.splitlines(),
        "macros": [{"kind": kind, "words": words, "bits": bits, "number": number}
                   for (kind, words, bits), number in sorted(rams.items())],
        "blocks": by_block,
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    table = ["| block | instances | gate equivalents | flip-flops | bits in macros |",
             "| --- | ---: | ---: | ---: | ---: |"]
    table += [f"| `{name}` | {block['instances']} | {block['gates']:,} | {block['ff']:,} | {block['ram_bits']:,} |"
              for name, block in by_block.items()]
    table += ["", "| macro | words | bits | number |", "| --- | ---: | ---: | ---: |"]
    table += [f"| {kind} | {words:,} | {bits} | {number} |" for (kind, words, bits), number in sorted(rams.items())]
    (out / "table.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    print(f"synth: {whole['gates']:,} gate equivalents, {whole['ff']:,} flip-flops, {whole['ram_bits']:,} bits in "
          f"macros, {report['cell_area_mm2']} mm2 of cells, {fmax} MHz before layout")
    print(f"synth: {out}/report.json, {out}/table.md")
    return 1 if slack < 0 else 0


if __name__ == "__main__":
    sys.exit(main())
