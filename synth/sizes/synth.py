# SPDX-License-Identifier: Apache-2.0
"""How the core grows with the sessions that it holds: mapped by Yosys for ECP5 from 256 to 65,536 of them, all else as
in configuration `line`, and the named configurations for Xilinx's UltraScale+ too.

Writes OUT/sizes.md, two tables, and OUT/sizes.svg, a picture. Nothing is placed: clocks are not told. Each mapping is
kept as long as the sources stay the same, so that a run that was ended goes on where it was.
"""

import argparse
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts/tool"), str(ROOT / "scripts/generate"), str(ROOT / "synth/ecp5")]
import configuration  # noqa: E402
import picture  # noqa: E402
import rtl_files  # noqa: E402

import synth as ecp5  # noqa: E402

TOP = "reveille"
SESSIONS = [1 << width for width in range(8, 17, 2)]
# Cycles: docs/timing/nonce_generator.md, from the first sample to the first nonce, and from there to the last of 4,096.
FIRST_NONCE, OTHER_NONCES = 7772, 1023 * 1145 + 3072 * 5
VISIT = 9  # cycles of a visit with nothing to do
XILINX = {
    "lut": [f"LUT{inputs}" for inputs in range(1, 7)],
    "lutram": ["RAM32M", "RAM64M", "RAM32X1D", "RAM64X1D", "RAM32M16", "RAM64M8", "SRL16E", "SRLC32E"],
    "ff": ["FDRE", "FDSE", "FDCE", "FDPE"],
    "ramb36": ["RAMB36E1", "RAMB36E2"],
    "ramb18": ["RAMB18E1", "RAMB18E2"],
    "uram": ["URAM288"],
}


def of_sessions(sessions, out):
    """Configuration `line` with so many sessions: its file."""
    lines = (configuration.CONFIGS / "line.yaml").read_text(encoding="utf-8").splitlines()
    path = out / f"sessions-{sessions}.yaml"
    path.write_text(
        "\n".join(f"sessions: {sessions}" if line.startswith("sessions:") else line for line in lines) + "\n",
        encoding="utf-8")
    return path


def map_ecp5(files, out):
    return ecp5.count(ecp5.map_alone(TOP, files, out))


def map_xilinx(files, out):
    stat = out / "xilinx.stat.json"
    ecp5.yosys(out / "xilinx.log",
               [rtl_files.read_slang(files, TOP), f"synth_xilinx -family xcup -flatten -top {TOP}",
                f"tee -q -o {stat} stat -json"])
    cells = json.loads(stat.read_text())["design"]["num_cells_by_type"]
    return {name: sum(cells.get(kind, 0) for kind in kinds) for name, kinds in XILINX.items()}


def mapped(name, config, technology, out):
    """Cells of a configuration in a technology, from the last time if nothing has changed since."""
    folder = out / name / technology
    folder.mkdir(parents=True, exist_ok=True)
    if technology == "ecp5":
        files, work = ecp5.sources(TOP, folder / "generated", str(config)), map_ecp5
    else:
        rtl_files.generate(folder / "generated", str(config))
        files, work = [str(path) for path in rtl_files.rtl_files(folder / "generated", [TOP])], map_xilinx
    digest = hashlib.sha256()
    for path in [*files, ecp5.__file__ if technology == "ecp5" else __file__]:
        digest.update(pathlib.Path(path).read_bytes())
    kept = folder / "cells.json"
    if kept.exists():
        found = json.loads(kept.read_text())
        if found["sources"] == digest.hexdigest():
            return found["cells"]
    print(f"synth: {name}: {technology}", flush=True)
    cells = work(files, folder)
    kept.write_text(json.dumps({"sources": digest.hexdigest(), "cells": cells}))
    return cells


def startup(sessions):
    return max(FIRST_NONCE, sessions // 4) + OTHER_NONCES


def devices(cells):
    fitting = [name for name, lut4, bram in ecp5.DEVICES.values() if cells["lut4"] <= lut4 and cells["bram"] <= bram]
    return fitting[0] if fitting else "none"


def tables(by_sessions, by_name):
    lines = [
        "| sessions | LUT4 | flip-flops | block RAM, 18 kbit | smallest LFE5U | start-up, cycles "
        "| a round of both walks, cycles | B4: with commands |",
        "| ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {sessions:,} | {cells['lut4']:,} | {cells['ff']:,} | {cells['bram']:,} | {devices(cells)} "
        f"| {startup(sessions):,} | {2 * VISIT * sessions:,} | {200 * sessions:,} |"
        for sessions, cells in by_sessions.items()
    ]
    lines += ["", "| configuration | LUT6 and smaller | distributed RAM | flip-flops | RAMB36 | RAMB18 | URAM |",
              "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| `{name}` | " + " | ".join(f"{cells[kind]:,}" for kind in XILINX) + " |" for name, cells in by_name.items()
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth sizes")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/synth/sizes",
                        help="folder (default: %(default)s)")
    out = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    by_sessions = {
        sessions: mapped(f"sessions-{sessions}", of_sessions(sessions, out), "ecp5", out) for sessions in SESSIONS
    }
    by_name = {name: mapped(name, name, "xilinx", out) for name in configuration.names()}
    (out / "sizes.md").write_text(tables(by_sessions, by_name), encoding="utf-8")
    (out / "sizes.svg").write_text(picture.svg(by_sessions), encoding="utf-8")
    print(f"synth: {out}/sizes.md, {out}/sizes.svg")


if __name__ == "__main__":
    main()
