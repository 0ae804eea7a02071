# SPDX-License-Identifier: Apache-2.0
"""A board at the pins of its PHYs, with cocotbext-eth's models of RGMII in their place, and rmii.py where one is RMII.

usage: board_test.py OUT [--driver PROGRAM | --flood MS [--seed N] [--json FILE]]

Run by a Python with cocotb, cocotbext-eth, scapy and LiteX, whose own Etherbone is the host's. OUT is the folder of
scripts/synth board, of which board.v and registers.json are taken; Verilator builds in OUT/simulation.

--driver: in place of all else the driver library's example (docs/examples/wake_client/board.cpp; wire_board of this
tree's build) commands the board, through a network interface of this machine; in a network namespace.
--flood: in place of all else so many milliseconds of minimum frames without a gap at port 0, with true exchanges in
them; --json adds what was seen to a list, so that a long flood can be made of several, of other seeds.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import Timer, with_timeout
from cocotbext.eth import GmiiFrame, RgmiiSink, RgmiiSource
from litex.tools.remote.etherbone import EtherbonePacket, EtherboneReads, EtherboneRecord, EtherboneWrites
from rmii import RmiiSink, RmiiSource
from scapy.layers.inet import IP, UDP, IPOption
from scapy.layers.l2 import Ether
from scapy.packet import Raw

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(os.environ.get("BOARD_OUT", "."))
RMII = "BOARD_RMII" in os.environ  # the server's port is
SLOW = 10 if RMII else 1  # its octets take so much longer
VERDICTS = [entry["name"] for entry in json.loads((ROOT / "docs/verdicts.json").read_text())["verdicts"]]
BOARD, BOARD_ADDRESS = "02:52:45:56:45:01", "169.254.82.2"
SERVER, SERVER_ADDRESS, CLIENT, CLIENT_ADDRESS = "02:00:00:00:00:01", "192.0.2.1", "02:00:00:00:00:02", "198.51.100.7"
LINK_ADDRESS, HOST_PORT, ETHERBONE, MESSAGE = "169.254.82.1", 51234, 1234, 0x88B5
CORE, NOISE = 0x30000000, 0x30001000
ID, STATUS, CONTROL, SERVER_ENABLE, SERVER_IPV4, FRAMING = 0x000, 0x00C, 0x010, 0x020, 0x120, 0x300
CLIENT_WORDS, NONCE, TAG_WORDS, COMMAND, RESULT, COUNTERS = 0x080, 0x098, 0x0A0, 0x0B0, 0x0C0, 0x200
RESTORE, TRUE_NONCE, FALSE_NONCE = 5, 0x1BADCAFE, 0x0BADF00D
TO_SERVER = Ether(dst=SERVER, src=CLIENT)
TO_NETWORK = Ether(dst=CLIENT, src=SERVER)


def ap_request(nonce):
    """As far as the guard looks at it: an AP Request of no content."""
    message = bytes([2, 1, 0x10, 0x6E, 0]) + nonce.to_bytes(4, "big") + bytes(30)
    return bytes(TO_SERVER / IP(src=CLIENT_ADDRESS, dst=SERVER_ADDRESS) / UDP(sport=40000, dport=1293) / Raw(message))


def mapped(client):
    return bytes(10) + b"\xff\xff" + bytes(map(int, client.split(".")))


def padded(frame):
    return bytes(frame).ljust(60, b"\0")


def sound(frame):
    """Lengths and the header's checksum are what scapy writes."""
    again = frame.copy()
    del again[IP].len, again[IP].chksum, again[UDP].len
    return bytes(again) == bytes(frame)


def spoilt(octets):
    """With a false FCS."""
    frame = GmiiFrame.from_payload(octets)
    frame.data[-1] ^= 1
    return frame


class Bench:
    """Both ports, and a host at the server's that speaks Etherbone."""

    def __init__(self, dut):
        self.dut = dut
        dut.rest.value = 0
        self.to_net, self.at_net = self.rgmii("net")
        self.to_host, self.at_host = self.rmii("host") if RMII else self.rgmii("host")
        self.begin()

    def rgmii(self, port):
        rx, rx_ctl, rx_clk, tx, tx_ctl, tx_clk = (
            getattr(self.dut, f"{port}_{name}") for name in ("rxd", "rx_ctl", "rx_clk", "txd", "tx_ctl", "tx_clk"))
        ends = RgmiiSource(rx, rx_ctl, rx_clk), RgmiiSink(tx, tx_ctl, tx_clk)
        for end in ends:
            end.log.setLevel("WARNING")  # each frame would have a line
        return ends

    def rmii(self, port):
        rx, crs_dv, tx, tx_en = (getattr(self.dut, f"{port}_{name}") for name in ("rxd", "crs_dv", "txd", "tx_en"))
        return RmiiSource(rx, crs_dv, self.dut.ref_clk), RmiiSink(tx, tx_en, self.dut.ref_clk)

    def begin(self):
        self.replies, self.frames = Queue(), Queue()
        self.registers = json.loads((OUT / "registers.json").read_text())["csr_registers"]
        self.hosting = cocotb.start_soon(self.host())

    async def host(self):
        while True:
            received = await self.at_host.recv()
            assert received.check_fcs(), "a false FCS at the server's port"
            octets = bytes(received.get_payload())
            frame = Ether(octets)
            if frame.src != BOARD:
                self.frames.put_nowait(octets)
                continue
            assert sound(frame), f"{octets.hex()}: a false checksum or length"
            assert (frame.dst, frame[IP].src, frame[IP].dst) == (SERVER, BOARD_ADDRESS, LINK_ADDRESS), frame.summary()
            assert (frame[UDP].sport, frame[UDP].dport) == (ETHERBONE, HOST_PORT), frame.summary()
            self.replies.put_nowait(frame[UDP].load)

    async def etherbone(self, record, port=None, ether=None, make=GmiiFrame.from_payload):
        packet = EtherbonePacket()
        packet.records = [record]
        packet.encode()
        return await self.datagram(bytes(packet.bytes), port, ether, make)

    async def datagram(self, octets, port=None, ether=None, make=GmiiFrame.from_payload):
        frame = (ether or Ether(dst=BOARD, src=SERVER)) / IP(src=LINK_ADDRESS, dst=BOARD_ADDRESS)
        frame /= UDP(sport=HOST_PORT, dport=ETHERBONE) / Raw(octets)
        await (port or self.to_host).send(make(padded(frame)))
        return padded(frame)

    async def probe(self):
        """As LiteX's tools ask who is there."""
        packet = EtherbonePacket()
        packet.pf = 1
        packet.encode()
        await self.datagram(bytes(packet.bytes) + bytes(4))
        answer = EtherbonePacket(init=await with_timeout(self.replies.get(), 200, "us"))
        answer.decode()
        assert (answer.pf, answer.pr) == (0, 1)

    @staticmethod
    def writes(address, words):
        record = EtherboneRecord()
        record.writes, record.wcount = EtherboneWrites(base_addr=address, datas=words), len(words)
        return record

    async def write(self, address, *words):
        await self.etherbone(self.writes(address, words))

    @staticmethod
    def reads(address, count):
        record = EtherboneRecord()
        record.reads, record.rcount = EtherboneReads(addrs=[address + 4 * index for index in range(count)]), count
        return record

    async def read(self, address, count=1):
        await self.etherbone(self.reads(address, count))
        packet = EtherbonePacket(init=await with_timeout(self.replies.get(), 200, "us"))
        packet.decode()
        words = packet.records[0].writes.get_datas()
        return words if count > 1 else words[0]

    async def counter(self, verdict):
        return await self.read(CORE + COUNTERS + 8 * VERDICTS.index(verdict))

    async def start(self):
        await Timer(1, "us")
        assert await self.read(CORE + ID) == int.from_bytes(b"REVE", "big")
        await self.write(CORE + SERVER_IPV4, 0xC0000201)
        await self.write(CORE + SERVER_ENABLE, 0x00130001)
        # No noise: a sequence in which no octet comes twice in a row or much too often.
        samples = bytes((167 * index + index // 256) % 256 for index in range(1152))
        for first in range(0, len(samples), 128):
            await self.write(NOISE, *(int.from_bytes(samples[at : at + 4], "little")
                                      for at in range(first, first + 128, 4)))
        await self.to_host.wait()
        await Timer(5, "us")
        # The core fills its hash tables, for 1,190,000 cycles; the lines have nothing to do meanwhile.
        self.dut.rest.value = 1
        await Timer(19100, "us")
        self.dut.rest.value = 0
        while not await self.read(CORE + STATUS) & 1:
            await Timer(100, "us")

    async def command(self, code, client, nonce=0, tag=0):
        octets = mapped(client)
        words = [int.from_bytes(octets[at : at + 4], "big") for at in range(0, 16, 4)]
        await self.write(CORE + CLIENT_WORDS, *words, 60_000_000)
        await self.write(CORE + NONCE, nonce)
        await self.write(CORE + TAG_WORDS, tag >> 32, tag & 0xFFFFFFFF)
        await self.write(CORE + COMMAND, code)
        assert await self.read(CORE + RESULT) & 7 == 0, f"command {code} of {client} was refused"


async def nothing(queue, microseconds=20 * SLOW):
    await Timer(microseconds, "us")
    assert queue.empty(), f"{queue.get_nowait()}: no frame was expected"


async def not_requests(bench, enable):
    """A frame to the board that is not all that a request is: nothing is done, nothing answered."""
    def packet(record, **fields):
        made = EtherbonePacket()
        made.records = [record]
        for name, value in fields.items():
            setattr(made, name, value)
        made.encode()
        return bytes(made.bytes)

    def write():
        return bench.writes(CORE + SERVER_ENABLE, [0])

    both = write()
    both.reads = bench.reads(CORE + ID, 1).reads
    wrong = [({}, {}, packet(both)), ({}, {}, packet(write()) + bytes(4)), ({}, {}, packet(write())[:-4])]
    wrong += [(ip, udp, packet(write())) for ip, udp in (
        ({"dst": "169.254.82.3"}, {}), ({"dst": "169.253.82.2"}, {}), ({"frag": 1}, {}), ({"flags": "MF"}, {}),
        ({"proto": 6}, {}), ({"options": IPOption(bytes(4))}, {}), ({"version": 6}, {}), ({}, {"dport": 1235}))]
    for fields in ({"magic": 0x4E6E}, {"addr_size": 8}, {"port_size": 1}):
        wrong.append(({}, {}, packet(write(), **fields)))
    probe = EtherbonePacket()
    probe.pf = probe.pr = 1
    probe.encode()
    wrong.append(({}, {}, bytes(probe.bytes) + bytes(4)))
    for ip, udp, octets in wrong:
        frame = Ether(dst=BOARD, src=SERVER) / IP(**{"src": LINK_ADDRESS, "dst": BOARD_ADDRESS} | ip)
        frame /= UDP(**{"sport": HOST_PORT, "dport": ETHERBONE} | udp) / Raw(octets)
        await bench.to_host.send(GmiiFrame.from_payload(padded(frame)))
        await nothing(bench.replies, 5 * SLOW)
        assert await bench.read(CORE + SERVER_ENABLE) == enable, f"done: {frame.summary()} {ip} {udp} {octets.hex()}"


@cocotb.test()
async def frames_pass_or_not(dut):
    bench = Bench(dut)
    await bench.start()
    await bench.command(RESTORE, CLIENT_ADDRESS, nonce=TRUE_NONCE)
    dut._log.info("started")

    async def arrives(octets):
        await bench.to_net.send(GmiiFrame.from_payload(octets))
        got = await with_timeout(bench.frames.get(), 50 * SLOW, "us")
        assert got == octets, f"{got.hex()}, expected {octets.hex()}"

    # The network's frames.
    await bench.to_net.send(GmiiFrame.from_payload(ap_request(FALSE_NONCE)))
    await nothing(bench.frames)
    assert await bench.counter("false_nonce") == 1
    await arrives(ap_request(TRUE_NONCE))
    assert await bench.counter("accepted") == 1
    for length in (*range(60, 77), 1514):
        await arrives(bytes(TO_SERVER) + bytes(index % 251 for index in range(length - 14)))

    # What a MAC is to drop: a false FCS, a frame too short.
    dropped = bench.registers["dropped_network"]["addr"]
    before = await bench.read(dropped)
    await bench.to_net.send(spoilt(ap_request(TRUE_NONCE)))
    await bench.to_net.send(GmiiFrame.from_payload(ap_request(0)[:59], min_len=0))
    await nothing(bench.frames)
    assert await bench.read(dropped) == before + 2

    # Nothing from the network is the board's: a write to it goes to the server's port as it came, and is not done.
    enable = await bench.read(CORE + SERVER_ENABLE)
    octets = await bench.etherbone(bench.writes(CORE + SERVER_ENABLE, [0]), bench.to_net, Ether(dst=BOARD, src=CLIENT))
    assert await with_timeout(bench.frames.get(), 50 * SLOW, "us") == octets
    assert await bench.read(CORE + SERVER_ENABLE) == enable

    await bench.probe()
    await bench.probe()

    # As many registers as a frame may ask for; one that asks for more is dropped, and stops nothing.
    assert (await bench.read(CORE + ID, 32))[0] == await bench.read(CORE + ID)
    assert await bench.read(CORE + COUNTERS, 7) == [await bench.read(CORE + COUNTERS + 4 * word) for word in range(7)]
    await bench.etherbone(bench.reads(CORE + ID, 40))
    await nothing(bench.replies)
    assert await bench.read(bench.registers["dropped_endpoint"]["addr"]) == 1
    await not_requests(bench, enable)

    # The server's frames, and a host message.
    for length in (*range(60, 69), 1514):
        octets = bytes(TO_NETWORK) + bytes((7 * index) % 253 for index in range(length - 14))
        await bench.to_host.send(GmiiFrame.from_payload(octets))
        assert await with_timeout(bench.at_net.recv(), 50 * SLOW, "us") == GmiiFrame.from_payload(octets)
    counts = [bench.registers[f"dropped_{name}"]["addr"] for name in ("server", "endpoint")]
    first = [await bench.read(count) for count in counts]
    await bench.to_host.send(spoilt(bytes(TO_NETWORK).ljust(60, b"\1")))
    await bench.to_host.send(GmiiFrame.from_payload(bytes(TO_NETWORK).ljust(59, b"\1"), min_len=0))
    await Timer(20 * SLOW, "us")
    assert bench.at_net.empty(), "a frame that the MAC was to drop came out at port 0"
    await bench.etherbone(bench.writes(CORE + SERVER_ENABLE, [0]), make=spoilt)
    assert [await bench.read(count) for count in counts] == [first[0] + 2, first[1] + 1]
    assert await bench.read(CORE + SERVER_ENABLE) == enable
    await bench.write(CORE + FRAMING, *(int.from_bytes((bytes(TO_NETWORK)[:12] + bytes(4))[at : at + 4], "little")
                                        for at in range(0, 16, 4)))
    await bench.write(CORE + CONTROL, 2)
    await bench.read(CORE + STATUS)  # a message may overtake what goes to the registers
    message = mapped(CLIENT_ADDRESS) + bytes([3, 1, 0x10, 0]) + bytes(12) + b"an AP Reply"
    frame = Ether(dst=BOARD, src=SERVER, type=MESSAGE) / Raw(bytes(2) + b"\x01" + bytes(7) + message)
    await bench.to_host.send(GmiiFrame.from_payload(padded(frame)))
    sent = await with_timeout(bench.at_net.recv(), 50 * SLOW, "us")
    assert sent.check_fcs()
    sent = Ether(bytes(sent.get_payload()))
    assert (sent.dst, sent[IP].src, sent[IP].dst) == (CLIENT, SERVER_ADDRESS, CLIENT_ADDRESS), sent.summary()
    assert sent[Raw].load == bytes([3, 1, 0x10]) + b"an AP Reply", sent.summary()

    # A full line of minimum frames, of which one in four passes.
    passed = [bytes(TO_SERVER) + index.to_bytes(2, "big") + bytes(44) for index in range(50)]
    for octets in passed:
        for _ in range(3):
            bench.to_net.send_nowait(GmiiFrame.from_payload(ap_request(FALSE_NONCE)))
        bench.to_net.send_nowait(GmiiFrame.from_payload(octets))
    for octets in passed:
        assert await with_timeout(bench.frames.get(), 500, "us") == octets
    assert await bench.read(dropped) == before + 2

    # The noise source rests; once it feeds, its tap has samples, and those that were not taken in time show as a gap.
    own = bench.registers["entropy_own"]["addr"]
    assert await bench.read(NOISE) >> 31 == 0
    await bench.write(own, 1)
    await Timer(100, "us")
    first = await bench.read(NOISE)
    assert first >> 8 == 0x800001, f"{first:#x}: expected the first sample behind a gap"
    samples = [await bench.read(NOISE) for _ in range(15)]
    assert {sample >> 8 for sample in samples} == {0x800000} and len({first & 0xFF, *samples}) > 8, samples
    assert await bench.read(NOISE) >> 8 == 0x800001, "those that found the tap full: expected a gap"
    await bench.write(own, 0)
    assert await bench.read(NOISE) >> 31 == 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--driver", type=pathlib.Path)
    parser.add_argument("--flood", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def main():
    from cocotb_tools.runner import get_results, get_runner
    from find_libpython import find_libpython

    if find_libpython() is None:
        print("skipped: no libpython for cocotb to run in the simulator (Debian's package libpython3-dev)")
        sys.exit(77)
    options = parse()
    out = options.out.resolve()
    rmii = "ref_clk" in (out / "board.v").read_text()
    given = {"BOARD_OUT": str(options.out.resolve()), "PYTHONWARNINGS": "ignore::DeprecationWarning",
             "PYTHONUNBUFFERED": "1", "BOARD_SEED": str(options.seed)}
    if options.driver:
        sys.path.insert(0, str(ROOT / "tb/wire"))
        import bed
        bed.enter_namespace()
        given["BOARD_DRIVER"] = str(options.driver.resolve())
    if options.flood:
        given["BOARD_FLOOD_MS"] = str(options.flood)
    if options.json:
        given["BOARD_JSON"] = str(options.json.resolve())
    if rmii:
        given["BOARD_RMII"] = "1"
    folder = out / ("wire" if options.driver or options.flood else "simulation")
    folder.mkdir(exist_ok=True)
    tool = ROOT / "scripts/tool"
    # The noise source samples more often than on a board, for a simulation has not the time.
    noise, quick = (ROOT / "synth/boards/board_noise.sv").read_text(), folder / "board_noise.sv"
    assert "Division = 32768" in noise
    quick.write_text(noise.replace("Division = 32768", "Division = 16"))
    here = pathlib.Path(__file__).parent
    files = subprocess.run([ROOT / ".venv/bin/python", tool / "rtl_files.py", folder / "generated", "reveille",
                            "board_noise", "--generate", "--config", "gigabit", "--file", quick,
                            "--file", here / "reveille_ring_oscillator.sv"],
                           capture_output=True, text=True, check=True).stdout
    verilator = subprocess.run([tool / "verilator", "--chosen"], capture_output=True, text=True, check=True).stdout
    verilator = pathlib.Path(verilator.strip())
    os.environ |= {
        "PATH": f"{verilator.parent}:{os.environ['PATH']}",
        "VERILATOR_ROOT": str(verilator.parents[1]),
        "MAKEFLAGS": "PYTHON3=python3 CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines "
                     "CFG_LDLIBS_THREADS=-pthread OPT_FAST=-O2",
    }
    if shutil.which("ccache"):
        os.environ["OBJCACHE"] = "ccache"
    module, top, form = (["board_test"] + ["rmii_test"] * rmii, "bench", [])
    if options.driver or options.flood:
        # Of signals that a test could look at, Verilator makes nothing simpler: only those that line.v names.
        module, top, form = ["wire_test"], "lines", ["--no-public-flat-rw"]
    ends = ("pins.v", "bench_rmii.v" if rmii else "bench.v", "line.v")
    runner = get_runner("verilator")
    runner.build(sources=[*files.split(), out / "board.v", *map(here.joinpath, ends)],
                 hdl_toplevel=top, build_dir=folder, includes=[ROOT / "rtl/prim"], timescale=("1ns", "1ps"),
                 always=True, build_args=["--timing", "-Wno-fatal", "-Wno-lint", "-O3", "--x-assign", "fast",
                                         *form])
    results = runner.test(hdl_toplevel=top, test_module=module, test_dir=here, build_dir=folder,
                          results_xml=str(folder / "results.xml"), extra_env=given)
    passed, failed = get_results(results)
    sys.exit(f"{failed} of {passed} failed" if failed or not passed else 0)


if __name__ == "__main__":
    main()
