# SPDX-License-Identifier: Apache-2.0
"""LiteEth's UDP/IP stack of 64 bits (udp_ip.py) through the very flow that the core goes through for ECP5.

Writes OUT/report.json: LUT4, flip-flops, block RAMs and Fmax of each seed; by the median, what 64 bits a cycle carry
and how many LUT4 a Gbit/s takes.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts/tool"), str(ROOT / "synth/ecp5")]
import litex_python  # noqa: E402
import synth as ecp5  # noqa: E402

TOP, WIDTH = "liteeth_udp_ip", 64
PACKAGES = ("liteeth", "litex", "migen")


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth peers", usage=argparse.SUPPRESS)
    parser.add_argument("--python")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/synth/peers")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds {arguments.seeds}: expected 1 or more")
    python = litex_python.path(arguments.python)
    found = litex_python.versions(python, PACKAGES)
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run([python, pathlib.Path(__file__).with_name("udp_ip.py"), out / f"{TOP}.v"], check=True)
    cells = ecp5.count(ecp5.map_alone(TOP, [str(out / f"{TOP}.v")], out))
    ecp5.wrap(TOP, out, False)
    flow = argparse.Namespace(device="85k", freq=156.25)
    fmax = []
    for seed in range(1, arguments.seeds + 1):
        ecp5.place_and_route(seed, out, flow)
        fmax.append(json.loads((out / f"seed-{seed}.json").read_text())["fmax_mhz"])
        print(f"synth: seed {seed}: {fmax[-1]} MHz", flush=True)
    gbits = statistics.median(fmax) * WIDTH / 1000
    report = {"top": TOP, "packages": found, **cells, "fmax_mhz": {"median": statistics.median(fmax), "seeds": fmax},
              "gbit_s": round(gbits, 2), "lut4_per_gbit_s": round(cells["lut4"] / gbits)}
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print("synth: " + ", ".join(f"{value} {name}" for name, value in cells.items()))
    print(f"synth: {report['gbit_s']} Gbit/s, {report['lut4_per_gbit_s']} LUT4 a Gbit/s")
    print(f"synth: {out}/report.json")


if __name__ == "__main__":
    main()
