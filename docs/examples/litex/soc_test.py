# SPDX-License-Identifier: Apache-2.0
"""The SoC of soc.py in Verilator, at its pads, by cocotb and with scapy's frames.

usage: soc_test.py FOLDER REVEILLE.v

FOLDER: where soc.py wrote to. REVEILLE.v: the core in configuration `gigabit`. Run by a Python with cocotb and scapy,
with a Verilator on PATH.
"""

import json
import os
import pathlib
import sys

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

DOCS = pathlib.Path(__file__).resolve().parents[2]
VERDICTS = [entry["name"] for entry in json.loads((DOCS / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]]
ETHERNET = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")
CORE, ID, SERVER_ENABLE, SERVER_IPV4, COUNTERS = 0x30000000, 0x000, 0x020, 0x120, 0x200
PLAIN = bytes(8)  # the header in band of a frame of the host's that is no host message


def padded(frame, length=60):
    return bytes(frame).ljust(length, b"\0")


class Bench:
    def __init__(self, dut):
        self.dut = dut
        self.received = {"mac_tx": [], "host_rx": []}
        registers = json.loads(pathlib.Path(os.environ["SOC_REGISTERS"]).read_text(encoding="utf-8"))
        self.dropped_register = registers["csr_registers"]["main_dropped"]["addr"]

    async def start(self):
        for port in self.dut:
            if port._name.startswith(("bus_", "mac_rx_", "host_tx_", "noise_")) and port._name not in (
                    "bus_ack", "bus_err", "bus_dat_r", "mac_rx_ready", "host_tx_ready", "noise_ready"):
                port.value = 0
        self.dut.mac_tx_ready.value = self.dut.host_rx_ready.value = 1
        self.dut.reset.value = 1
        cocotb.start_soon(Clock(self.dut.clock, 16, unit="ns").start())
        await self.wait(4)
        self.dut.reset.value = 0
        await self.wait(8)
        cocotb.start_soon(self.collect("mac_tx", lambda: (int(self.dut.mac_tx_last_be.value)).bit_length()))
        cocotb.start_soon(self.collect("host_rx", lambda: int(self.dut.host_rx_top.value) + 1))

    async def wait(self, cycles):
        for _ in range(cycles):
            await RisingEdge(self.dut.clock)

    async def collect(self, name, octets_of_last):
        """Frames of a stream; how many octets its last word has, `octets_of_last` tells."""
        frame = b""
        while True:
            await RisingEdge(self.dut.clock)
            if getattr(self.dut, f"{name}_valid").value != 1:
                continue
            last = getattr(self.dut, f"{name}_last").value == 1
            word = int(getattr(self.dut, f"{name}_data").value).to_bytes(8, "little")
            frame += word[: octets_of_last()] if last else word
            if last:
                self.received[name].append(frame)
                frame = b""

    async def send(self, name, frame, **at_last):
        """A frame, a word a cycle where the stream is ready; `at_last`: other fields of its last word."""
        words = [frame[at : at + 8] for at in range(0, len(frame), 8)]
        for word in words:
            last = word is words[-1]
            fields = {"valid": 1, "data": int.from_bytes(word, "little"), "last": last, **(at_last if last else {})}
            for field, value in fields.items():
                getattr(self.dut, f"{name}_{field}").value = int(value)
            await RisingEdge(self.dut.clock)
            while getattr(self.dut, f"{name}_ready").value != 1:
                await RisingEdge(self.dut.clock)
        for field in ("valid", "last", *at_last):
            getattr(self.dut, f"{name}_{field}").value = 0

    async def from_mac(self, frame, bad=False):
        last = (len(frame) - 1) % 8
        await self.send("mac_rx", frame, last_be=1 << last, error=int(bad) << last)
        await self.wait(120)

    async def from_host(self, frame):
        await self.send("host_tx", PLAIN + frame, top=(len(frame) - 1) % 8)
        await self.wait(60)

    async def access(self, address, word=None):
        bus = {"adr": address // 4, "dat_w": word or 0, "sel": 15, "we": word is not None, "cyc": 1, "stb": 1}
        for field, value in bus.items():
            getattr(self.dut, f"bus_{field}").value = int(value)
        await RisingEdge(self.dut.clock)
        while self.dut.bus_ack.value != 1:
            await RisingEdge(self.dut.clock)
        self.dut.bus_cyc.value = self.dut.bus_stb.value = 0
        read = int(self.dut.bus_dat_r.value)
        await RisingEdge(self.dut.clock)
        return read


@cocotb.test(timeout_time=200, timeout_unit="us")
async def frames_and_registers_pass(dut):
    bench = Bench(dut)
    await bench.start()
    assert await bench.access(CORE + ID) == int.from_bytes(b"REVE", "big")
    await bench.access(CORE + SERVER_IPV4, 0xC0000201)
    await bench.access(CORE + SERVER_ENABLE, 0x00130001)
    assert await bench.access(CORE + SERVER_IPV4) == 0xC0000201

    arp = ETHERNET / ARP(hwsrc="02:00:00:00:00:02", psrc="198.51.100.7", pdst="192.0.2.1")
    good = [padded(arp, length) for length in range(60, 69)]
    for frame in good:
        await bench.from_mac(frame)
    to_host = [frame[8:] for frame in bench.received["host_rx"]]
    assert to_host == good, f"octets at the host: {[len(frame) for frame in to_host]}"
    header = bench.received["host_rx"][0][:2]
    assert header == bytes([VERDICTS.index("bypass"), 1]), f"header {header.hex()}"

    await bench.from_mac(padded(arp), bad=True)
    await bench.from_mac(padded(arp)[:59])
    assert len(bench.received["host_rx"]) == len(good), "a bad or short frame came to the host"
    bypassed = await bench.access(CORE + COUNTERS + 8 * VERDICTS.index("bypass"))
    dropped = await bench.access(bench.dropped_register)
    assert (bypassed, dropped) == (len(good), 2), f"{bypassed} bypassed, {dropped} dropped before the core"

    message = bytes([2, 1, 0x10, 0x6E, 0]) + bytes([0x1B, 0xAD, 0xCA, 0xFE]) + bytes(30)
    request = ETHERNET / IP(src="198.51.100.7", dst="192.0.2.1") / UDP(sport=40000, dport=1293) / Raw(message)
    await bench.from_mac(padded(request))
    assert len(bench.received["host_rx"]) == len(good), "an AP Request that nobody asked for came to the host"
    assert await bench.access(CORE + COUNTERS + 8 * VERDICTS.index("not_woken")) == 1

    for frame in good:
        await bench.from_host(frame)
    assert bench.received["mac_tx"] == good, f"octets at the MAC: {[len(frame) for frame in bench.received['mac_tx']]}"
    dut._log.info("%d frames each way, %d dropped", len(good), dropped)


def main():
    from cocotb_tools.runner import get_results, get_runner

    folder, core = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    runner = get_runner("verilator")
    runner.build(sources=[core, folder / "soc.v"], hdl_toplevel="soc", build_dir=folder / "simulation",
                 build_args=["-Wno-fatal", "-Wno-lint", "-Wno-COMBDLY"], timescale=("1ns", "1ps"), always=True)
    results = runner.test(hdl_toplevel="soc", test_module="soc_test", test_dir=pathlib.Path(__file__).parent,
                          build_dir=folder / "simulation", results_xml=str(folder / "results.xml"),
                          extra_env={"PYTHONWARNINGS": "ignore::DeprecationWarning",
                                     "SOC_REGISTERS": str(folder / "registers.json")})
    passed, failed = get_results(results)
    sys.exit(f"{failed} of {passed} failed" if failed or not passed else 0)


if __name__ == "__main__":
    main()
