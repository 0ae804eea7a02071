# SPDX-License-Identifier: Apache-2.0
"""Words from one clock to another."""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import Cat, ClockDomainsRenamer, If, Memory, Signal, log2_int
from migen.genlib.cdc import MultiReg


class Crossing(LiteXModule):
    """Of clock `write` to clock `read`. Each side moves a word in two cycles at most: so whether there is room, or a
    word, is a register that the pointers have a whole cycle for, and so is the word."""

    def __init__(self, layout, words=8):
        self.sink, self.source = sink, source = stream.Endpoint(layout), stream.Endpoint(layout)
        payload = Cat(sink.payload.raw_bits(), sink.last)
        memory = Memory(len(payload), words)
        writer = memory.get_port(write_capable=True, clock_domain="write")
        reader = memory.get_port(async_read=True, clock_domain="read")
        self.specials += memory, writer, reader

        bits = log2_int(words) + 1  # one more than an address: full and empty differ in it
        written, read = ClockDomainsRenamer("write")(Pointer(bits)), ClockDomainsRenamer("read")(Pointer(bits))
        self.submodules += written, read
        seen_written, seen_read = Signal(bits), Signal(bits)
        self.specials += MultiReg(written.gray, seen_written, "read"), MultiReg(read.gray, seen_read, "write")

        room, waits = Signal(), Signal()
        self.comb += [
            sink.ready.eq(room),
            written.move.eq(sink.valid & room),
            writer.adr.eq(written.binary),
            writer.dat_w.eq(payload),
            writer.we.eq(written.move),
            read.move.eq(waits & (~source.valid | source.ready)),
            reader.adr.eq(read.binary),
        ]
        self.sync.write += room.eq(((written.gray ^ seen_read) != 0b11 << bits - 2) & ~written.move)
        self.sync.read += [
            waits.eq((read.gray != seen_written) & ~read.move),
            If(source.ready, source.valid.eq(0)),
            If(read.move, source.valid.eq(1), Cat(source.payload.raw_bits(), source.last).eq(reader.dat_r)),
        ]


class Pointer(LiteXModule):
    def __init__(self, bits):
        self.move, self.binary, self.gray = Signal(), Signal(bits), Signal(bits)
        after = Signal(bits)
        self.comb += after.eq(self.binary + 1)
        self.sync += If(self.move, self.binary.eq(after), self.gray.eq(after ^ after[1:]))
