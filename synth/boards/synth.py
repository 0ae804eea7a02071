# SPDX-License-Identifier: Apache-2.0
"""A board around the core (top.py): netlist, placement, timing and bitstream, by open tools alone.

Writes OUT/report.json, and OUT/BOARD.bit of the seed with most time to spare in clock `sys`, if a seed meets all
clocks. Status 1 if one misses a clock or the board does not fit.
"""

import argparse
import hashlib
import ipaddress
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts/tool"), str(ROOT / "synth/ecp5")]
import description  # noqa: E402
import litex_python  # noqa: E402
import rings  # noqa: E402
import synth as ecp5  # noqa: E402

BOARDS = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("*.yaml"))
CORE, NOISE, CONFIGURATION = "reveille", "board_noise", "gigabit"
CLOCKS = ("sys", "eth0_rx", "eth1_rx")  # a port sends by its receive clock
SYSTEM, PHYS = 62.5, {"rgmii": 125, "rmii": 50}  # MHz
# The eight flip-flops of a tile have one reset, and nextpnr's legaliser takes out one cell at a time: on a device that
# is two thirds full it finds no tile for the reset of a few. So that becomes logic, and an enable of one or two.
RESETS = "dfflegalize -minsrst 48 -mince 3" + "".join(
    f" -cell $_{kind}_ {initial}" for kind, initial in (("DFF_?", "01"), ("DFF_?P?", "r"), ("SDFF_?P?", "r"),
                                                        ("DFFE_??", "01"), ("DFFE_?P??", "r"), ("SDFFE_?P??", "r")))
FLIP_FLOPS = (RESETS, "opt_clean")
# A carry cell takes two LUT4 however short the sum; and LUT levels are to save LUTs, up to what is left of a period of
# a line's clock behind the wires, which ABC hardly reckons.
SMALL_SUMS = ("techmap t:$alu r:Y_WIDTH<=8 %i", "opt_expr", "opt_clean")
PERIOD = "scratchpad -set abc9.D 6000"  # picoseconds
PLACER = ("--placer", "static")
# Copies of registers and of resets shorten wires at 156 MHz. Here what holds the same is one.
COPIES = ("reveille_register_copy", "reveille_reset_part")
PACKAGES = ("litex", "liteeth", "litex-boards", "migen", "pyyaml")


def parse():
    def address(text):
        return str(ipaddress.IPv4Address(text))

    def mac(text):
        if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", text, re.IGNORECASE) or int(text[:2], 16) & 1:
            raise ValueError
        return text

    parser = argparse.ArgumentParser(prog="scripts/synth board")
    parser.add_argument("board", choices=BOARDS, help="the board")
    parser.add_argument("--python", help="a Python with another LiteX (default: build/litex)")
    parser.add_argument("--elaborate", action="store_true", help="write what a simulation takes, and end")
    parser.add_argument("--seeds", type=int, default=1, help="seeds of nextpnr (default: %(default)s)")
    parser.add_argument("--address", type=address, default="169.254.82.2",
                        help="IPv4 address of the board's endpoint (default: %(default)s)")
    parser.add_argument("--mac", type=mac, default="02:52:45:56:45:01",
                        help="its unicast MAC address (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the report (default: build/synth/boards/BOARD)")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds {arguments.seeds}: expected 1 or more")
    return arguments


def map_core(out):
    """OUT/core.json: the core, mapped for a full device and 62.5 MHz. What is there of the same sources is kept."""
    files = ecp5.sources(CORE, out / "generated", CONFIGURATION, COPIES)
    stamp = out / "core.stamp"
    read = [*files, ecp5.__file__, __file__]
    digest = hashlib.sha256(b"".join(pathlib.Path(path).read_bytes() for path in read)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        print("synth: the core", flush=True)
        stamp.unlink(missing_ok=True)
        ecp5.map_alone(CORE, files, out, wire=300, flip_flops=FLIP_FLOPS + (PERIOD,))
        stamp.write_text(digest)


def map_board(out):
    """OUT/netlist.json: the board with the mapped core in it. Returns its cells."""
    ports = ecp5.yosys_modules(out / "core.json")[CORE]["ports"]
    declared = ", ".join(f"{port['direction']} [{len(port['bits']) - 1}:0] {name}" for name, port in ports.items())
    (out / "core_ports.v").write_text(f"(* blackbox *)\nmodule {CORE} ({declared});\nendmodule\n", encoding="utf-8")
    noise = ecp5.sources("reveille_noise_source", out / "generated", CONFIGURATION)
    stat = out / "board.stat.json"
    ecp5.yosys(
        out / "board.log",
        [
            ecp5.read(NOISE, [*noise, str(pathlib.Path(__file__).with_name(f"{NOISE}.sv"))]),
            f"read_verilog {out}/core_ports.v {out}/board.v",
            f"setattr -set keep 1 {' '.join(f'board/{name}_clk' for name in CLOCKS)}",
            # No store of the board reads a word in the cycle in which it is written.
            PERIOD,
            "synth_ecp5 -no-rw-check -abc9 -top board -run :map_gates",
            *SMALL_SUMS,
            "synth_ecp5 -no-rw-check -abc9 -top board -run map_gates:map_ffs",
            *FLIP_FLOPS,
            "synth_ecp5 -no-rw-check -abc9 -top board -run map_ffs:",
            f"delete ={CORE}",
            f"read_json {out}/core.json",
            "hierarchy -top board",
            "flatten",
            "clean",
            f"tee -q -o {stat} stat -json",
            f"write_json {out}/netlist.json",
        ],
    )
    rings.apply(out / "netlist.json", "board")
    return ecp5.count(json.loads(stat.read_text())["design"]["num_cells_by_type"])


def clock_names(out):
    """Yosys leaves one name of those that a net has: {any of them: the one of CLOCKS}."""
    nets = ecp5.yosys_modules(out / "netlist.json")["board"]["netnames"]
    return {alias: name for name in CLOCKS for alias, net in nets.items() if net["bits"] == nets[f"{name}_clk"]["bits"]}


def place_and_route(board, seed, out):
    """One seed of nextpnr: {clock: {achieved, constraint}}, MHz. OUT/board-SEED.config is what ecppack takes. A seed
    that is done is kept as long as netlist and command are the same."""
    report, log, stamp = f"nextpnr-{seed}.json", f"nextpnr-{seed}.log", out / f"nextpnr-{seed}.stamp"
    # Relative names: the wheel's sandbox has a /tmp of its own.
    command = [ecp5.TOOL / "nextpnr-ecp5", f"--{board['device']}", "--package", board["package"]]
    command += ["--speed", str(board["speed"]), *PLACER, "--json", "netlist.json"]
    command += ["--lpf", "board.lpf", "--seed", str(seed), "--report", report, "--textcfg", f"board-{seed}.config"]
    command += [*rings.options(out / "netlist.json"), "--timing-allow-fail"]
    digest = hashlib.sha256(repr(command).encode())
    for name in ("netlist.json", "board.lpf"):
        digest.update((out / name).read_bytes())
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        stamp.unlink(missing_ok=True)
        with open(out / log, "w", encoding="utf-8") as text:
            if subprocess.run(command, cwd=out, stdout=text, stderr=text, check=False).returncode:
                sys.exit(f"synth: nextpnr failed with seed {seed}; see {out / log}")
        stamp.write_text(digest.hexdigest())
    names, clocks = clock_names(out), {}
    for net, clock in json.loads((out / report).read_text())["fmax"].items():
        name = names[net.removeprefix("$glbnet$").removesuffix("$TRELLIS_IO_IN")]
        clocks[name] = {key: round(value, 2) for key, value in clock.items()}
    for name, wanted in zip(CLOCKS, (SYSTEM, *(PHYS[port["phy"]] for port in board["ports"]))):
        asked = clocks[name]["constraint"]
        if abs(asked - wanted) > 0.1:
            sys.exit(f"synth: seed {seed}: {name}: nextpnr was asked for {asked} MHz, expected {wanted}")
    return {name: clocks[name] for name in CLOCKS}


def missed(clocks):
    return [f"{name} {clock['achieved']} MHz, expected {clock['constraint']}" for name, clock in clocks.items()
            if clock["achieved"] < clock["constraint"]]


def pack(seed, out, path):
    part = path.with_suffix(".part")
    subprocess.run([ROOT / ".venv/bin/yowasp-ecppack", "--compress", f"board-{seed}.config", part.name], cwd=out,
                   check=True)
    part.rename(path)


def main():
    arguments = parse()
    board = description.load(pathlib.Path(__file__).with_name(f"{arguments.board}.yaml"))
    python = litex_python.path(arguments.python)
    found = litex_python.versions(python, PACKAGES)
    out = (arguments.out or ROOT / "build/synth/boards" / arguments.board).resolve()
    out.mkdir(parents=True, exist_ok=True)
    bitstream = out / f"{arguments.board}.bit"
    if not arguments.elaborate:
        bitstream.unlink(missing_ok=True)
    with open(out / "litex.log", "w", encoding="utf-8") as log:
        top = [python, "-B", pathlib.Path(__file__).with_name("top.py"), arguments.board, out,
               arguments.address, arguments.mac]
        status = subprocess.run(top, stdout=log, stderr=log, check=False).returncode
    if status == 2:  # what was wrong is its last line
        print((out / "litex.log").read_text(encoding="utf-8").splitlines()[-1], file=sys.stderr)
        sys.exit(2)
    if status:
        sys.exit(f"synth: LiteX failed; see {out}/litex.log")
    if arguments.elaborate:
        print(f"synth: {out}/board.v")
        return
    map_core(out)
    print(f"synth: {arguments.board}", flush=True)
    cells = map_board(out)
    family, _, size = board["device"].rpartition("-")  # an LFE5UM5G has what an LFE5U of that size has
    device, lut4, bram = ecp5.DEVICES[size]
    device = device.replace("LFE5U", f"LFE5{family.upper() or 'U'}")
    used = {"lut4": round(cells["lut4"] / lut4, 3), "bram": round(cells["bram"] / bram, 3)}
    print("synth: " + ", ".join(f"{number} {name}" for name, number in cells.items()), flush=True)
    for name, here in (("lut4", lut4), ("bram", bram)):
        if cells[name] > here:
            print(f"synth: {arguments.board}: {cells[name]} {name}, expected at most {here}", file=sys.stderr)
            sys.exit(1)
    seeds = {}
    for seed in range(1, arguments.seeds + 1):
        seeds[seed] = place_and_route(board, seed, out)
        print(f"synth: seed {seed}: " + ", ".join(f"{name} {clock['achieved']} MHz"
                                                  for name, clock in seeds[seed].items()), flush=True)
    report = {"board": arguments.board, "device": device, "packages": found, **cells, "used": used, "clocks": seeds}
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    good = [seed for seed, clocks in seeds.items() if not missed(clocks)]
    if good:
        pack(max(good, key=lambda seed: seeds[seed]["sys"]["achieved"]), out, bitstream)
        print(f"synth: {bitstream}")
    print(f"synth: {out}/report.json")
    for seed, clocks in seeds.items():
        for miss in missed(clocks):
            print(f"synth: seed {seed}: {miss}", file=sys.stderr)
    sys.exit(0 if len(good) == len(seeds) else 1)


if __name__ == "__main__":
    main()
