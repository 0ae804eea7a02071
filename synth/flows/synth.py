# SPDX-License-Identifier: Apache-2.0
"""How the emitted plain Verilog maps beside the SystemVerilog that it is made from, in Yosys' flows for five families.

Both go through the same flow, memories inferred. Writes OUT/report.json and OUT/table.md; ends with 1 where the emitted
file takes more than 3 % more LUTs or other block RAMs. Mappings are kept as long as the sources stay the same, so
that a run that was ended goes on where it was. Nothing is placed.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "scripts/tool"
sys.path.insert(0, str(TOOL))
import rtl_files  # noqa: E402

# Per cent by which the emitted file's LUTs may exceed the SystemVerilog's.
TOLERANCE = 3
FORMS = ("SystemVerilog", "plain Verilog")


class Flow:
    """Yosys' command for a family of devices, and which of its cells are LUTs, flip-flops and block RAMs.

    Cells are patterns; a LUT cell has the number of LUTs that one takes. A family without distributed RAM refuses a
    memory that asks for one: there each maps as it may."""

    def __init__(self, family, command, luts, flip_flops, rams, distributed=True):
        self.family, self.command, self.luts, self.flip_flops, self.rams = family, command, luts, flip_flops, rams
        self.prepare = "" if distributed else "setattr -unset ram_style a:ram_style=distributed\n"

    def count(self, cells):
        def total(pattern):
            return sum(number for kind, number in cells.items() if re.fullmatch(pattern, kind))

        return {
            "lut": sum(each * total(pattern) for pattern, each in self.luts.items()),
            "ff": total(self.flip_flops),
            "ram": {kind: number for kind, number in sorted(cells.items()) if re.fullmatch(self.rams, kind)},
        }


FLOWS = {
    "ecp5": Flow(
        "Lattice ECP5",
        "synth_ecp5",
        {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6},
        "TRELLIS_FF",
        "DP16KD|PDPW16KD",
    ),
    "xilinx": Flow(
        "AMD 7 series",
        "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
        {"LUT[1-6]|INV|SRL.*": 1, "RAM(32|64)X1D": 2, "RAM(32|64)M": 4},
        "FD[RSCP]E(_1)?",
        "RAMB.*",
    ),
    "gowin": Flow(
        "Gowin GW2A",
        "synth_gowin -family gw2a -noiopads",
        {"LUT[1-4]|ALU": 1, "RAM16SDP[124]": 4},
        "DFF.*",
        "S?DP(X9)?B|SP(X9)?|pROM(X9)?",
    ),
    "cyclone5": Flow(
        "Intel Cyclone V",
        "synth_intel_alm -family cyclonev -noiopad -noclkbuf",
        {"MISTRAL_(ALUT[2-6]|NOT|ALUT_ARITH|MLAB)": 1},
        "MISTRAL_FF",
        "MISTRAL_M10K",
    ),
    "gatemate": Flow(
        "Cologne Chip GateMate",
        "synth_gatemate -luttree -noiopad -noclkbuf",
        {"CC_(LUT[1-4]|L2T[45]|ADDF|MX[248])": 1},
        "CC_DFF",
        "CC_BRAM_.*",
        distributed=False,
    ),
}


def sources(top, config, out):
    """Yosys' commands that read each form. Empties OUT of what was made of other sources."""
    rtl_files.generate(out / "generated", config)
    files = rtl_files.rtl_files(out / "generated", [top])
    digest = hashlib.sha256()
    for path in [*files, ROOT / "scripts/emit-verilog", ROOT / "scripts/requirements.txt"]:
        digest.update(path.read_bytes())
    stamp, emitted = out / "sources", out / f"{top}.v"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        for stale in out.glob("*.json"):
            stale.unlink()
        emit = [ROOT / "scripts/emit-verilog", "--config", config, emitted, top]
        subprocess.run(emit, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(digest.hexdigest())
    return dict(zip(FORMS, (rtl_files.read_slang(files, top), f"read_verilog {emitted}")))


def mapped(name, top, form, read, out):
    """Cells of one form in one flow, from the last time if the commands are the same."""
    flow, kept = FLOWS[name], out / f"{name}-{form.split()[-1]}.json"
    script = kept.with_suffix(".ys")
    commands = f"{read}\n{flow.prepare}{flow.command} -top {top}\ntee -q -o {kept} stat -json\n"
    if not kept.exists() or not script.exists() or script.read_text() != commands:
        print(f"synth: {flow.family}, from the {form}", flush=True)
        kept.unlink(missing_ok=True)
        script.write_text(commands, encoding="utf-8")
        # In a process of its own, for an error of Yosys ends the process.
        if subprocess.run([TOOL / "yosys", "-ql", kept.with_suffix(".log"), "-s", script], check=False).returncode:
            sys.exit(f"synth: yosys failed; see {kept.with_suffix('.log')}")
    return flow.count(json.loads(kept.read_text())["design"]["num_cells_by_type"])


def rams(counts):
    return " + ".join(f"{number:,} {kind}" for kind, number in counts["ram"].items()) or "none"


def faults(name, counts):
    """What the emitted file takes more than it may."""
    rtl, emitted = (counts[form] for form in FORMS)
    if emitted["lut"] * 100 > rtl["lut"] * (100 + TOLERANCE):
        yield f"{name}: {emitted['lut']} LUTs from the plain Verilog, expected at most {TOLERANCE} % above {rtl['lut']}"
    if emitted["ram"] != rtl["ram"]:
        yield f"{name}: {rams(emitted)} from the plain Verilog, expected {rams(rtl)}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth flows", usage=argparse.SUPPRESS)
    parser.add_argument("--flow", action="append", choices=FLOWS)
    parser.add_argument("--top", default="reveille")
    parser.add_argument("--config", default="line")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    name = f"{arguments.top}-{pathlib.Path(arguments.config).stem}"
    out = (arguments.out or ROOT / "build/synth/flows" / name).resolve()
    out.mkdir(parents=True, exist_ok=True)
    read = sources(arguments.top, arguments.config, out)

    table = ["| family | from | LUT | flip-flops | block RAM |", "| --- | --- | ---: | ---: | --- |"]
    report, failures = {}, []
    for flow in arguments.flow or FLOWS:
        report[flow] = {form: mapped(flow, arguments.top, form, read[form], out) for form in FORMS}
        failures += faults(flow, report[flow])
        table += [
            f"| {FLOWS[flow].family} | {form} | {counts['lut']:,} | {counts['ff']:,} | {rams(counts)} |"
            for form, counts in report[flow].items()
        ]
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (out / "table.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    print("\n".join(table))
    for failure in failures:
        print(f"synth: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
