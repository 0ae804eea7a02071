# SPDX-License-Identifier: Apache-2.0
"""Streams of frames: octets to words and back, LiteEth's words to ours and back, and a store that drops a frame whole.

A word holds 64 bits, octet 0 in bits 7:0 as on the core's ports; in a frame's last word `top` is the index of its last
octet, in all others 7. `error` counts in the last word: the frame is to be dropped.
"""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from liteeth.common import eth_phy_description
from migen import Array, Cat, If, Memory, Mux, Signal

WIDTH = 64
OCTET = [("data", 8)]
WORD = [("data", WIDTH), ("top", 3)]
RECEIVED = [*WORD, ("error", 1)]


def keep(top):
    """The `tkeep` of a word."""
    return Cat(*[top >= index for index in range(8)])


class Widen(LiteXModule):
    """Octets to words. An octet is taken whenever no whole word waits; `sink.error` goes with the last."""

    def __init__(self):
        self.sink = sink = stream.Endpoint([*OCTET, ("error", 1)])
        self.source = source = stream.Endpoint(RECEIVED)
        index, full = Signal(3), Signal()
        self.comb += [source.valid.eq(full), sink.ready.eq(~full | source.ready)]
        self.sync += [
            If(source.ready, full.eq(0)),
            If(sink.valid & sink.ready,
                If(index == 0, source.data.eq(0)),
                Array([source.data[8 * octet : 8 * octet + 8] for octet in range(8)])[index].eq(sink.data),
                source.top.eq(index),
                source.last.eq(sink.last),
                source.error.eq(sink.error),
                index.eq(Mux(sink.last, 0, index + 1)),
                full.eq(sink.last | (index == 7)),
            ),
        ]


class Narrow(LiteXModule):
    """Words to octets. Of a frame only the last word may have fewer than three: a word is kept here, and leaves `sink`
    one cycle later, so that `sink.ready` is a register."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(WORD)
        self.source = source = stream.Endpoint(OCTET)
        word, index, busy, final = stream.Endpoint(WORD), Signal(3), Signal(), Signal()
        free, load = Signal(), Signal()
        self.comb += [
            source.valid.eq(busy),
            source.data.eq(Array([word.data[8 * octet : 8 * octet + 8] for octet in range(8)])[index]),
            source.last.eq(word.last & final),
            free.eq(~busy | (source.ready & final)),
            load.eq(free & sink.valid & ~sink.ready),
        ]
        self.sync += [
            sink.ready.eq(load),
            If(source.ready, index.eq(index + 1), final.eq(index + 1 == word.top)),
            If(free, busy.eq(load)),
            If(load,
                word.data.eq(sink.data),
                word.top.eq(sink.top),
                word.last.eq(sink.last),
                index.eq(0),
                final.eq(sink.top == 0),
            ),
        ]


class FromLiteEth(LiteXModule):
    """Words of LiteEth's MAC with 64 bits. Its `last_be` has one bit, the last octet's; its `error` one an octet."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(eth_phy_description(WIDTH))
        self.source = source = stream.Endpoint(RECEIVED)
        self.comb += [
            sink.connect(source, omit={"last_be", "error"}),
            source.top.eq(7),
            [If(sink.last & sink.last_be[index], source.top.eq(index)) for index in range(7)],
            source.error.eq(sink.error != 0),
        ]


class ToLiteEth(LiteXModule):
    """Words for LiteEth's MAC with 64 bits."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(WORD)
        self.source = source = stream.Endpoint(eth_phy_description(WIDTH))
        self.comb += [
            sink.connect(source, omit={"top"}),
            If(sink.last, source.last_be.eq(1 << sink.top)),
        ]


class FrameStore(LiteXModule):
    """Stores a frame and gives it out once it is whole.

    It takes a word in every cycle, so `sink.ready` is 1. A frame with `error`, one of fewer than 60 octets (which
    Ethernet has not), one of more than `longest` words and one that finds no room is gone whole, and counted in
    `dropped`, which wraps; one whose last word finds `wanted` at 0 is gone too, as another's. `mark` is kept with a
    word, and comes out with it as `marked`.
    """

    def __init__(self, words, longest=None):
        self.sink = sink = stream.Endpoint(RECEIVED)
        self.source = source = stream.Endpoint(WORD)
        self.wanted = Signal(reset=1)
        self.mark, self.marked = Signal(), Signal()
        self.dropped = Signal(16)
        memory = Memory(WIDTH + 5, words)
        writer, reader = memory.get_port(write_capable=True), memory.get_port()
        self.specials += memory, writer, reader

        pointers = {"max": 2 * words}  # one bit more than an address: full and empty differ in it
        written, committed, read = Signal(**pointers), Signal(**pointers), Signal(**pointers)
        full, lost, fits = Signal(), Signal(), Signal()
        before = Signal(**pointers)  # words of the frame that are in the memory
        self.comb += [
            sink.ready.eq(1),
            full.eq((written ^ read) == words),
            before.eq(written - committed),
            fits.eq(((before > 7) | ((before == 7) & (sink.top >= 3))) & (before < (longest or words))),
            writer.adr.eq(written),
            writer.dat_w.eq(Cat(sink.data, sink.top, sink.last, self.mark)),
            writer.we.eq(sink.valid & ~full & ~lost),
        ]
        self.sync += If(sink.valid,
            If(sink.last,
                lost.eq(0),
                If(self.wanted & ~sink.error & ~full & ~lost & fits,
                    written.eq(written + 1),
                    committed.eq(written + 1),
                ).Else(
                    written.eq(committed),
                    self.dropped.eq(self.dropped + self.wanted),
                ),
            ).Else(
                If(full | lost, lost.eq(1)).Else(written.eq(written + 1)),
            )
        )

        # What follows is ready before it is known whether a word is taken: that comes late, behind the memory's output.
        after, taken = Signal(reset=1, **pointers), Signal()
        self.comb += [
            taken.eq(source.valid & source.ready),
            reader.adr.eq(Mux(taken, after, read)),
            Cat(source.data, source.top, source.last, self.marked).eq(reader.dat_r),
        ]
        # A word that is committed is in the memory one cycle before it may be read.
        self.sync += [
            source.valid.eq(Mux(taken, after != committed, read != committed)),
            If(taken, read.eq(after), after.eq(after + 1)),
        ]
