# SPDX-License-Identifier: Apache-2.0
"""The board's own endpoint: Etherbone over UDP and IPv4, a master of the bus of registers.

It answers with the frame that asked: as long, its addresses and ports exchanged, values in the place of the registers'
addresses. So no length and no checksum is reckoned (UDP's is left out, as 0), and nobody's MAC address is asked for.
"""

import ipaddress

from litex.gen import LiteXModule
from litex.soc.interconnect import stream, wishbone
from migen import FSM, Array, Case, Cat, If, Memory, Mux, NextState, NextValue, Signal

from frames import WORD, FrameStore

WORDS = 512  # of the store
LONGEST = 24  # words of a frame that is taken: 32 registers to read or write
# A frame in half words of 16 bits. The first is 1: then the two of a 32-bit word differ in bit 0.
DESTINATION, SOURCE, TYPE, VERSION, FRAGMENT, PROTOCOL, FROM_ADDRESS, TO_ADDRESS = 1, 4, 7, 8, 11, 12, 14, 16
FROM_PORT, TO_PORT, LENGTH, CHECKSUM, MAGIC, FLAGS, ENABLES, COUNTS, BASE, DATA = 18, 19, 20, 21, 22, 23, 26, 27, 28, 30
EXCHANGED = ((DESTINATION, SOURCE, 3), (FROM_ADDRESS, TO_ADDRESS, 2), (FROM_PORT, TO_PORT, 1))
IPV4, NO_OPTIONS, UDP, PORT, ETHERBONE = 0x0800, 0x45, 17, 1234, 0x4E6F
HEADERS = 8 + 8 + 4 + 4  # octets of UDP, packet, record, base address
VERSION_1, PROBE_REPLY, FOUR_OCTETS = 0x1000, 0x0200, 0x44


def swapped(half):
    return Cat(half[8:16], half[:8])


class Endpoint(LiteXModule):
    """`sink` and `wanted` as FrameStore's. `source`: whole frames for the server. `bus`: Wishbone, the master.

    A frame that is no request is taken and forgotten: one that is not UDP on IPv4 without options and whole, for
    another address or port; a packet that is no probe and has not one record, which either reads or writes."""

    def __init__(self, address):
        self.arrived = FrameStore(WORDS, LONGEST)
        self.sink, self.wanted, self.bus = self.arrived.sink, self.arrived.wanted, wishbone.Interface()
        self.source = source = stream.Endpoint(WORD)
        memory = Memory(16, 4 * (LONGEST + 1))
        writer, reader = memory.get_port(write_capable=True), memory.get_port()
        self.specials += memory, writer, reader

        self.word = stream.Buffer(WORD)  # what comes out of a block RAM comes late in its cycle
        word, half, last, step, say = self.word.source, Signal(16), Signal(), Signal(), Signal()
        at, after = Signal(max=4 * (LONGEST + 1), reset=1), Signal(max=4 * (LONGEST + 1))
        lanes = [swapped(word.data[start : start + 16]) for start in (48, 0, 16, 32)]
        place, done, final = Signal(2), Signal(), Signal.like(at)
        self.comb += [
            self.arrived.source.connect(self.word.sink),
            place.eq(at[:2] - 1),
            half.eq(Array(lanes)[at[:2]]),
            last.eq(word.last & (place == word.top[1:])),
            done.eq(Mux(say, at == final, last)),
            after.eq(at),
            If(step | say, after.eq(Mux(done, 1, at + 1))),
        ]
        self.sync += at.eq(after)

        # The request.
        good, fine, answered = Signal(reset=1), Signal(), Signal()
        probe, reads, length, count, enables = Signal(), Signal(), Signal(16), Signal(8), Signal(4)
        value, base = Signal(32), Signal(30)  # of the record; a run of registers does not leave its 4 KiB
        own, writes_or_reads = int(ipaddress.IPv4Address(address)), half[:8] | half[8:]
        self.comb += [
            Case(at, {
                TYPE: fine.eq(half == IPV4),
                VERSION: fine.eq(half[8:] == NO_OPTIONS),
                FRAGMENT: fine.eq(half[:14] == 0),
                PROTOCOL: fine.eq(half[:8] == UDP),
                TO_ADDRESS: fine.eq(half == own >> 16),
                TO_ADDRESS + 1: fine.eq(half == own & 0xFFFF),
                TO_PORT: fine.eq(half == PORT),
                MAGIC: fine.eq(half == ETHERBONE),
                FLAGS: fine.eq(~half[9] & (half[8] | (half[:8] == FOUR_OCTETS))),
                COUNTS: fine.eq(probe | (((half[:8] == 0) | (half[8:] == 0)) &
                                         (length == HEADERS + 4 * writes_or_reads))),
                "default": fine.eq(1),
            }),
            answered.eq(last & good & (probe | (reads & (count == 0)))),
        ]
        self.fsm = fsm = FSM(reset_state="Receive")
        fsm.act("Receive",
            writer.adr.eq(at),
            writer.dat_w.eq(half),
            writer.we.eq(1),
            If(word.valid,
                NextValue(value, Cat(half, value[:16])),
                If(good & ~probe & (count != 0) & (at > DATA) & at[0],
                    NextState("Access"),
                ).Else(
                    step.eq(1),
                    NextValue(good, last | (good & fine)),
                    If(answered, NextState("Answer")),
                ),
                Case(at, {
                    LENGTH: NextValue(length, half),
                    FLAGS: NextValue(probe, half[8]),
                    ENABLES: NextValue(enables, half[:4]),
                    COUNTS: [NextValue(reads, half[:8] != 0), NextValue(count, writes_or_reads)],
                    BASE + 1: NextValue(base, Cat(half, value[:16])[2:]),
                }),
            ),
        )
        fsm.act("Access",
            self.bus.stb.eq(1),
            self.bus.cyc.eq(1),
            If(self.bus.ack | self.bus.err,
                NextValue(count, count - 1),
                NextValue(base, Cat((base + 1)[:10], base[10:])),
                NextValue(value, self.bus.dat_r),
                If(reads, NextState("High")).Else(NextState("Low")),
            ),
        )
        fsm.act("High",
            writer.adr.eq(Cat(0, at[1:])),
            writer.dat_w.eq(value[16:]),
            writer.we.eq(1),
            NextState("Low"),
        )
        fsm.act("Low",
            writer.adr.eq(at),
            writer.dat_w.eq(value[:16]),
            writer.we.eq(1),
            step.eq(1),
            NextValue(good, last | good),
            If(answered, NextState("Answer")).Else(NextState("Receive")),
        )
        self.comb += [
            self.bus.adr.eq(Mux(reads, value[2:], base)),
            self.bus.dat_w.eq(value),
            self.bus.sel.eq(enables),
            self.bus.we.eq(~reads),
            word.ready.eq(step & ((place == 3) | last)),
        ]

        # The answer.
        asked, said, full, free = Signal(16), Signal(16), Signal(), Signal()
        there = {}
        for one, other, halves in EXCHANGED:
            for index in range(halves):
                there |= {one + index: reader.adr.eq(other + index), other + index: reader.adr.eq(one + index)}
        self.comb += [
            Case(after, there | {"default": reader.adr.eq(after)}),
            asked.eq(reader.dat_r),
            Case(at, {
                CHECKSUM: said.eq(0),
                FLAGS: said.eq(VERSION_1 | FOUR_OCTETS | Mux(probe, PROBE_REPLY, 0)),
                COUNTS: said.eq(swapped(asked)),
                "default": said.eq(asked),
            }),
            source.valid.eq(full),
            free.eq(~full | source.ready),
        ]
        self.sync += If(step, final.eq(at)), If(source.ready, full.eq(0))
        fsm.act("Answer",
            If(free,
                say.eq(1),
                Case(place, {lane: NextValue(source.data[16 * lane : 16 * lane + 16], swapped(said))
                             for lane in range(4)}),
                NextValue(source.top, Cat(1, place)),
                NextValue(source.last, at == final),
                NextValue(full, (at == final) | (place == 3)),
                If(at == final, NextState("Receive")),
            ),
        )
