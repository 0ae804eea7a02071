# SPDX-License-Identifier: Apache-2.0
"""The RMII PHY with the MAC before it, without the board: Migen's simulator, in some seconds. And the boards' files:
each is taken, and what is wrong in one is refused by name.

usage: phy_test.py OUT   run by a Python with LiteX, cocotbext-eth and scapy; OUT is a folder to work in
"""

import pathlib
import random
import shutil
import subprocess
import sys

from migen import CEInserter, Module
from migen.sim import passive, run_simulation

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("synth/boards", "synth/litex")]
from cocotbext.eth import GmiiFrame  # noqa: E402
from mac import Frame, Unframe  # noqa: E402
from rmii import Receive, Send  # noqa: E402

GAP = 48  # cycles
ECPIX5 = "lambdaconcept_ecpix5"


class Receiver(Module):
    def __init__(self):
        self.submodules.receive, self.submodules.unframe = Receive(), Unframe()
        self.comb += self.receive.source.connect(self.unframe.sink)


class Sender(Module):
    def __init__(self):
        self.submodules.frame, self.submodules.send = CEInserter()(Frame()), Send()
        self.comb += [self.frame.ce.eq(self.send.step),
                      self.frame.source.connect(self.send.sink, keep={"valid", "data"})]


def cycles_of(octets):
    return [(1, octet >> shift & 3) for octet in octets for shift in (0, 2, 4, 6)]


def receive(lines):
    """What the MAC makes of frames in cycles of (CRS_DV, RXD): (octets, whether the FCS is wrong)."""
    top, frames = Receiver(), []

    def give():
        for line in lines:
            for valid, bits in [*line, *[(0, 0)] * GAP]:
                yield top.receive.crs_dv.eq(valid)
                yield top.receive.dibit.eq(bits)
                yield

    @passive
    def take():
        octets = bytearray()
        while True:
            source = top.unframe.source
            if (yield source.valid):
                octets.append((yield source.data))
                if (yield source.last):
                    frames.append((bytes(octets), (yield source.error)))
                    octets = bytearray()
            yield

    run_simulation(top, [give(), take()])
    return frames


def send(frames):
    """What the PHY is given of them: TX_EN and TXD, cycle by cycle."""
    top, given = Sender(), []

    def give():
        sink = top.frame.sink
        for octets in frames:
            for index, octet in enumerate(octets):
                yield sink.valid.eq(1)
                yield sink.data.eq(octet)
                yield sink.last.eq(index == len(octets) - 1)
                yield
                while not ((yield sink.ready) and (yield top.send.step)):
                    yield
            yield sink.valid.eq(0)
        for _ in range(4 * 20):
            yield

    @passive
    def take():
        while True:
            given.append(((yield top.send.tx_en), (yield top.send.dibit)))
            yield

    run_simulation(top, [give(), take()])
    return given


def check_phy():
    chance = random.Random(1)
    frames = [chance.randbytes(length) for length in (*range(60, 69), 1514, 60)]
    lines = [cycles_of(bytes(GmiiFrame.from_payload(octets))) for octets in frames]
    spoilt = bytearray(bytes(GmiiFrame.from_payload(frames[0])))
    spoilt[40] ^= 16
    odd = [lines[0][5:], [(1, 0)] * 3 + lines[0], [(1, 2)] * 30, lines[0][:32], lines[0][31:], lines[0] + [(1, 1)] * 3]
    for nibbles in (1, 2, 7):  # the frame outlives its carrier
        start = len(lines[0]) - 2 * nibbles
        odd.append(lines[0][:start] + [(at % 2, bits) for at, (_, bits) in enumerate(lines[0][start:])])
    got = receive([*lines, cycles_of(spoilt), *odd])
    expected = [(octets, 0) for octets in frames] + [(bytes(spoilt[8:-4]), 1)] + [(frames[0], 0)] * 6
    assert got == expected, [(octets.hex(), error) for octets, error in got]

    given = send(frames)
    at = next(index for index, (enabled, _) in enumerate(given) if enabled)
    for line in lines:
        assert given[at : at + len(line)] == line, given[at : at + len(line)]
        at += len(line)
        gap = next((index for index, (enabled, _) in enumerate(given[at:]) if enabled), GAP)
        assert given[at : at + gap] == [(0, 0)] * gap and GAP <= gap <= GAP + 8, f"a gap of {gap} cycles"
        at += gap
    assert not any(enabled for enabled, _ in given[at:])


def check_files(out):
    tree, source = out / "tree", (ROOT / f"synth/boards/{ECPIX5}.yaml").read_text(encoding="utf-8")
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("synth", "scripts"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / ".venv").symlink_to(ROOT / ".venv")
    path = tree / f"synth/boards/{ECPIX5}.yaml"

    def elaborate():
        command = [ROOT / ".venv/bin/python", "-B", tree / "synth/boards/synth.py", ECPIX5, "--elaborate",
                   "--python", sys.executable, "--out", out / "board"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    for before, after, said in (
        ("phy: rmii", "phy: mii", "ports[1].phy 'mii': expected one of rgmii, rmii"),
        ("phy: rmii", "speed: 100", "ports[1].phy 'None': expected one of rgmii, rmii"),
        ("    tx_en: pmod7:5\n", "", "ports[1].tx_en: missing; expected 1 pin"),
        ("tx_en: pmod7:5", "tx_en: pmod7:0", "ports[1] 'pmod7:0': a pin of two signals"),
        ("tx_en: pmod7:5", "tx_en: pmod9:5", "ports[1].tx_en 'pmod9:5': no such connector; expected one of pmod0"),
        ("tx_en: pmod7:5", "tx_en: pmod7:8", "ports[1].tx_en 'pmod7:8': no such pin; expected pmod7:0 to pmod7:7"),
        ("rx_data: pmod7:1 pmod7:2", "rx_data: pmod7:1", "ports[1].rx_data 'pmod7:1': expected 2 pins"),
        ("receive_delay: 0.0", "receive_delay: 4.0e-9", "ports[0].receive_delay '4e-09': expected seconds from 0 to"),
        ("reset: true", "reset: once", "ports[0].reset 'once': expected true or false"),
        ("device: um5g-45k", "device: 45", "device '45': expected one of 25k, 45k"),
        ("led: rgb_led", "leds: rgb_led", "leds 'rgb_led': no such field"),
        ("hertz: 100.0e+6", "hertz: 0", "clock.hertz '0': expected a number above 0"),
        ("ports:\n", "ports: 2\nparts:\n", "parts"),
        ("package: CABGA554", "package: [", "package"),
    ):
        assert source.count(before) == 1, before
        path.write_text(source.replace(before, after), encoding="utf-8")
        got = elaborate()
        lines = got.stderr.splitlines()
        assert got.returncode == 2 and len(lines) == 1, f"{after}: status {got.returncode}, {got.stderr}"
        assert f"{ECPIX5}.yaml: " in lines[0] and said in lines[0], f"{lines[0]}, expected {said}"
        assert not (out / "board/board.v").exists(), f"{after}: wrote board.v"
    path.write_text(source, encoding="utf-8")
    got = elaborate()
    assert got.returncode == 0, got.stderr
    lpf = (out / "board/board.lpf").read_text(encoding="utf-8")
    for line in ('FREQUENCY PORT "eth_clocks0_rx" 125.0 MHz', 'FREQUENCY PORT "eth_clocks1_ref_clk" 50.0 MHz',
                 'LOCATE COMP "eth_clocks1_ref_clk" SITE "C14"'):
        assert line in lpf, line


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    check_phy()
    check_files(out)


if __name__ == "__main__":
    main()
