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
    """Words to octets."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(WORD)
        self.source = source = stream.Endpoint(OCTET)
        index, end = Signal(3), Signal()
        self.comb += [
            end.eq(index == sink.top),
            source.valid.eq(sink.valid),
            source.data.eq(Array([sink.data[8 * octet : 8 * octet + 8] for octet in range(8)])[index]),
            source.last.eq(sink.last & end),
            sink.ready.eq(source.ready & end),
        ]
        self.sync += If(source.valid & source.ready, index.eq(Mux(end, 0, index + 1)))


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
    `dropped`; one whose last word finds `wanted` at 0 is gone too, as another's.
    """

    def __init__(self, words, longest=None):
        self.sink = sink = stream.Endpoint(RECEIVED)
        self.source = source = stream.Endpoint(WORD)
        self.wanted = Signal(reset=1)
        self.dropped = Signal(32)
        memory = Memory(WIDTH + 4, words)
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
            writer.dat_w.eq(Cat(sink.data, sink.top, sink.last)),
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

        following = Signal(**pointers)
        self.comb += [
            following.eq(read + (source.valid & source.ready)),
            reader.adr.eq(following),
            Cat(source.data, source.top, source.last).eq(reader.dat_r),
        ]
        # A word that is committed is in the memory one cycle before it may be read.
        self.sync += [read.eq(following), source.valid.eq(following != committed)]
