# SPDX-License-Identifier: Apache-2.0
"""An RMII PHY of 100 Mbit/s at a board's pins, with the interface of cocotbext-eth's ends of a line.

Written from the RMII Consortium's specification 1.2: two bits a cycle of the 50 MHz reference clock, the lower first;
CRS_DV over a frame; where a frame outlives its carrier, CRS_DV in the second cycle of each nibble only.
"""

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import Event, FallingEdge, RisingEdge
from cocotb.utils import get_sim_time
from cocotbext.eth import GmiiFrame

CYCLE_NS = 20
GAP = 12 * 4  # cycles between two frames
PREAMBLE = bytes([0x55] * 7 + [0xD5])


def dibits(frame):
    """A frame's cycles: (CRS_DV, RXD)."""
    return [(1, octet >> shift & 3) for octet in bytes(frame) for shift in (0, 2, 4, 6)]


def outlived(cycles, nibbles):
    """The carrier has ended so many nibbles before the frame."""
    start = len(cycles) - 2 * nibbles
    return cycles[:start] + [((at - start) % 2, bits) for at, (_, bits) in enumerate(cycles[start:], start)]


class RmiiSource:
    def __init__(self, data, valid, clock):
        self.data, self.valid, self.clock = data, valid, clock
        self.data.value = self.valid.value = 0
        self.waiting, self.idle = Queue(), Event()
        self.idle.set()
        cocotb.start_soon(self.run())

    def send_nowait(self, frame):
        self.send_cycles(dibits(frame))

    def send_cycles(self, cycles, gap=GAP):
        self.idle.clear()
        self.waiting.put_nowait([*cycles, *[(0, 0)] * gap])

    async def send(self, frame):
        self.send_nowait(frame)

    async def wait(self):
        await self.idle.wait()

    async def run(self):
        while True:
            idle = self.waiting.empty()
            if idle:
                self.idle.set()
            cycles = await self.waiting.get()
            if idle:
                await FallingEdge(self.clock)
            for self.valid.value, self.data.value in cycles:
                await FallingEdge(self.clock)


class RmiiSink:
    """What comes has a whole preamble, whole octets and the gap before it, or the test fails."""

    def __init__(self, data, valid, clock):
        self.data, self.valid, self.clock = data, valid, clock
        self.received = Queue()
        cocotb.start_soon(self.run())

    async def recv(self):
        return await self.received.get()

    def empty(self):
        return self.received.empty()

    async def run(self):
        await FallingEdge(self.clock)  # TX_EN is 1 as the device begins
        end = 0
        while True:
            if not self.valid.value:
                await RisingEdge(self.valid)
            await FallingEdge(self.clock)
            gap = (get_sim_time("ns") - end) / CYCLE_NS
            assert gap > GAP, f"a gap of {gap - 1:.0f} cycles, expected {GAP} or more"
            cycles = []
            while self.valid.value:
                cycles.append(int(self.data.value))
                end = get_sim_time("ns")
                await FallingEdge(self.clock)
            assert not self.data.value, "TXD without TX_EN"
            assert len(cycles) % 4 == 0, f"{len(cycles)} cycles of two bits, expected whole octets"
            octets = bytes(sum(bits << 2 * place for place, bits in enumerate(cycles[at : at + 4]))
                           for at in range(0, len(cycles), 4))
            assert octets.startswith(PREAMBLE), f"preamble {octets[:9].hex()}, expected {PREAMBLE.hex()}"
            self.received.put_nowait(GmiiFrame(octets))
