# SPDX-License-Identifier: Apache-2.0
"""The core in cocotb, with the AXI models of cocotbext-axi and scapy's frames.

usage: frame_test.py REVEILLE.v FOLDER

REVEILLE.v: the plain Verilog (scripts/emit-verilog, or a release's). Simulated by Icarus in FOLDER. Names the server's
address over AXI4-Lite, sends frames into s_axis_net, and looks at the verdict port and at m_axis_host.
"""

import json
import pathlib
import sys

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiStreamBus, AxiStreamSink, AxiStreamSource
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

DOCS = pathlib.Path(__file__).resolve().parents[2]
VERDICTS = [entry["name"] for entry in json.loads((DOCS / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]]
ETHERNET = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")
HEADER = 8  # octets before each frame to the host; 0 in configurations without (docs/architecture.md, A28)
CYCLES = 14, 16  # behind the last beat; 16 where the store is read in four cycles (docs/timing.md, T4, T13)
ID, SERVER_ENABLE, SERVER_IPV4, COUNTERS = 0x000, 0x020, 0x120, 0x200


def ap_request(nonce, **udp):
    """As far as the guard looks at it: KMMID 2, DOI 1, version 1.0, a Kerberos AP-REQ of no content, the nonce, and
    the rest."""
    message = bytes([2, 1, 0x10, 0x6E, 0]) + nonce.to_bytes(4, "big") + bytes(30)
    return ETHERNET / IP(src="198.51.100.7", dst="192.0.2.1") / UDP(sport=40000, dport=1293, **udp) / Raw(message)


class Bench:
    def __init__(self, dut):
        self.dut, reset = dut, {"reset": dut.rst_n, "reset_active_level": False}
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, **reset)
        self.net = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis_net"), dut.clk, **reset)
        self.host = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_host"), dut.clk, **reset)

    async def start(self):
        cocotb.start_soon(Clock(self.dut.clk, 6.4, unit="ns").start())
        for name in ("time_i", "rst_n", "m_axis_net_tready", "s_axis_host_tvalid", "s_axis_host_tdata",
                     "s_axis_host_tkeep", "s_axis_host_tlast", "s_axis_host_tuser", "s_axis_entropy_tvalid",
                     "s_axis_entropy_tdata"):
            getattr(self.dut, name).value = 0
        for _ in range(4):
            await RisingEdge(self.dut.clk)
        self.dut.rst_n.value = 1
        self.dut.m_axis_net_tready.value = 1
        for _ in range(8):
            await RisingEdge(self.dut.clk)
        assert await self.registers.read_dword(ID) == int.from_bytes(b"REVE", "big")
        await self.registers.write_dword(SERVER_IPV4, 0xC0000201)
        await self.registers.write_dword(SERVER_ENABLE, 0x00130001)

    async def judge(self, frame):
        """Sends it; the verdict's name, and in which cycle behind the last beat it came."""
        await self.net.send(bytes(frame))
        cycles = None
        for _ in range(400):
            await RisingEdge(self.dut.clk)
            if cycles is not None:
                cycles += 1
            if self.dut.verdict_valid.value == 1:
                return VERDICTS[int(self.dut.verdict_code.value)], cycles
            net = (self.dut.s_axis_net_tvalid, self.dut.s_axis_net_tready, self.dut.s_axis_net_tlast)
            if all(signal.value == 1 for signal in net):
                cycles = 0
        raise AssertionError(f"no verdict on {frame.summary()}")


@cocotb.test()
async def frames_get_their_verdicts(dut):
    bench = Bench(dut)
    await bench.start()
    arp = ETHERNET / ARP(hwsrc="02:00:00:00:00:02", psrc="198.51.100.7", pdst="192.0.2.1")
    for frame, expected in ((arp, "bypass"), (ap_request(0x1BADCAFE), "not_woken"), (ap_request(0), "client_initiated"),
                            (ap_request(1, chksum=1), "bad_checksum")):
        verdict = await bench.judge(frame)
        assert verdict in ((expected, cycle) for cycle in CYCLES), f"{verdict}, expected {expected}: {frame.summary()}"
        dut._log.info("%s: %s", frame.summary(), expected)
    host = bytes((await bench.host.recv()).tdata)
    if HEADER:
        assert host[:2] == bytes([VERDICTS.index("bypass"), 1]), f"header {host[:HEADER].hex()}"
    assert host[HEADER:] == bytes(arp), "the host got another frame than the one that bypassed"
    assert bench.host.empty(), "a dropped frame came to the host"
    not_woken = await bench.registers.read_dword(COUNTERS + 8 * VERDICTS.index("not_woken"))
    assert not_woken == 1, f"counter of not_woken: {not_woken}"


def main():
    from cocotb_tools.runner import get_results, get_runner

    core, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    runner = get_runner("icarus")
    runner.build(sources=[core], hdl_toplevel="reveille", build_dir=folder, build_args=["-g2012"],
                 timescale=("1ns", "1ps"), always=True)
    results = runner.test(hdl_toplevel="reveille", test_module="frame_test", test_dir=pathlib.Path(__file__).parent,
                          build_dir=folder, results_xml=str(folder / "results.xml"),
                          extra_env={"PYTHONWARNINGS": "ignore::DeprecationWarning"})
    passed, failed = get_results(results)
    sys.exit(f"{failed} of {passed} failed" if failed or not passed else 0)


if __name__ == "__main__":
    main()
