# SPDX-License-Identifier: Apache-2.0
"""The server's side of the core: whose a frame is that the server sends, and the header in band.

A frame to the board's own MAC address is the board's: a host message where its EtherType is MESSAGE, else the
endpoint's. All others are for the network. Only port 1 comes here, so nothing that the network sends is the board's.
"""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import FSM, If, NextState, Signal

from frames import RECEIVED, WORD, FrameStore

# IEEE 802, local experiments. Two octets follow that are not looked at, then the header in band and a host message.
MESSAGE = 0x88B5


def on_the_wire(number, octets):
    """A number in network order as it stands in a word."""
    return int.from_bytes(number.to_bytes(octets, "big"), "little")


class FromServer(LiteXModule):
    """`own`, `own_wanted`: to the endpoint's store. `source`: to the core, with the header in band."""

    def __init__(self, mac_address, words):
        self.sink, self.own = sink, own = stream.Endpoint(RECEIVED), stream.Endpoint(RECEIVED)
        self.source = source = stream.Endpoint(WORD)
        self.own_wanted = Signal()
        self.store = store = FrameStore(words)
        to_board, message, index = Signal(), Signal(), Signal(2)  # of the frame that comes; index stays at 2
        self.comb += [
            sink.connect(store.sink),
            sink.connect(own, omit={"ready"}),
            store.wanted.eq(~to_board | message),
            self.own_wanted.eq(to_board & ~message),
        ]
        self.comb += store.mark.eq((index == 0) & (sink.data[:48] == on_the_wire(mac_address, 6)))
        self.sync += If(sink.valid,
            If(index == 0, to_board.eq(store.mark)),
            If(index == 1, message.eq(sink.data[32:48] == on_the_wire(MESSAGE, 2))),
            If(index != 2, index.eq(index + 1)),
            If(sink.last, index.eq(0)),
        )
        self.fsm = fsm = FSM(reset_state="Header")
        stored = store.source
        fsm.act("Header",
            If(stored.valid & store.marked,
                stored.ready.eq(1),
                NextState("Skip"),
            ).Elif(stored.valid,
                source.valid.eq(1),
                source.top.eq(7),
                If(source.ready, NextState("Frame")),
            )
        )
        fsm.act("Skip", stored.ready.eq(1), If(stored.valid, NextState("Frame")))
        fsm.act("Frame",
            stored.connect(source),
            If(stored.valid & source.ready & stored.last, NextState("Header")),
        )


class StripHeader(LiteXModule):
    """Frames of the core for the server without their first word, the header in band."""

    def __init__(self):
        self.sink, self.source = sink, source = stream.Endpoint(WORD), stream.Endpoint(WORD)
        inside = Signal()
        self.comb += If(inside, sink.connect(source)).Else(sink.ready.eq(1))
        self.sync += If(sink.valid & sink.ready, inside.eq(~sink.last))
