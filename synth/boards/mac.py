# SPDX-License-Identifier: Apache-2.0
"""A MAC between an octet-wide PHY and words in clock `sys`: preamble, FCS, gap; no pause frames.

LiteEth's own checks the FCS under back-pressure, at 8 bits in the line's clock, where it just misses 125 MHz on ECP5,
or at 64 bits, which takes eight CRC engines a direction. Nothing holds up a line: here no ready goes back into it.
"""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from liteeth.mac.crc import LiteEthMACCRCEngine
from migen import (
    CEInserter, ClockDomain, ClockDomainsRenamer, ClockSignal, FSM, If, NextState, NextValue, ResetSignal, Signal)
from migen.genlib.resetsync import AsyncResetSynchronizer

from crossing import Crossing
from frames import OCTET, RECEIVED, WORD, Narrow, Widen

FCS_INIT, FCS_RESIDUE, POLYNOMIAL = 0xFFFFFFFF, 0xC704DD7B, 0x04C11DB7
DELIMITER, PREAMBLE, GAP = 0xD5, 0x55, 12


class Unframe(LiteXModule):
    """Octets of the line to those of a frame, without preamble and FCS. `error` in the last: the FCS is wrong."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(OCTET)
        self.source = source = stream.Endpoint([*OCTET, ("error", 1)])
        inside, taken = Signal(), Signal()
        held, count = [Signal(8) for _ in range(4)], Signal(max=5)
        fcs = Signal(32, reset=FCS_INIT)
        self.engine = engine = LiteEthMACCRCEngine(8, 32, POLYNOMIAL)
        self.comb += [
            sink.ready.eq(1),
            taken.eq(sink.valid & inside),
            engine.data.eq(sink.data),
            engine.crc_prev.eq(fcs),
            # An octet leaves a cycle after the fourth behind it came; by then `fcs` has them all.
            source.error.eq(fcs != FCS_RESIDUE),
        ]
        self.sync += [
            source.valid.eq(taken & (count == 4)),
            source.data.eq(held[3]),
            source.last.eq(sink.last),
            If(sink.valid, inside.eq(~sink.last & (inside | (sink.data == DELIMITER)))),
            If(~inside, fcs.eq(FCS_INIT), count.eq(0)),
            If(taken,
                fcs.eq(engine.crc_next),
                [newer.eq(older) for newer, older in zip(held, [sink.data, *held])],
                If(count != 4, count.eq(count + 1)),
            ),
        ]


class Frame(LiteXModule):
    """Octets of a frame of 60 or more to those of the line, with preamble, FCS and gap."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(OCTET)
        self.source = source = stream.Endpoint(OCTET)
        valid, data, count = Signal(), Signal(8), Signal(max=16)
        fcs = Signal(32, reset=FCS_INIT)
        self.engine = engine = LiteEthMACCRCEngine(8, 32, POLYNOMIAL)
        self.comb += [engine.data.eq(sink.data), engine.crc_prev.eq(fcs)]
        self.sync += [source.valid.eq(valid), source.data.eq(data)]
        complement = ~fcs[::-1]
        self.fsm = fsm = FSM(reset_state="Preamble")
        fsm.act("Preamble",
            data.eq(PREAMBLE),
            NextValue(fcs, FCS_INIT),
            If(sink.valid,
                valid.eq(1),
                NextValue(count, count + 1),
                If(count == 7, data.eq(DELIMITER), NextValue(count, 0), NextState("Octets")),
            ),
        )
        fsm.act("Octets",
            sink.ready.eq(1),
            valid.eq(sink.valid),
            data.eq(sink.data),
            If(sink.valid, NextValue(fcs, engine.crc_next), If(sink.last, NextState("FCS"))),
        )
        fsm.act("FCS",
            valid.eq(1),
            data.eq(complement[:8]),
            NextValue(fcs, fcs << 8),
            NextValue(count, count + 1),
            If(count == 3, NextValue(count, 0), NextState("Gap")),
        )
        fsm.act("Gap",
            NextValue(count, count + 1),
            If(count == GAP - 1, NextValue(count, 0), NextState("Preamble")),
        )


class Mac(LiteXModule):
    """`source`: what the line brings, which is to be taken in every cycle; `sink`: what goes out. A frame that has
    begun on `sink` must not lack a word for eight octets' time. A PHY with `step` sends an octet where that is 1, one
    without in every cycle."""

    def __init__(self, phy, port):
        # The PHY sends by its receive clock. Both sides of a crossing are reset by the system's reset and by nothing
        # else, so that neither is reset alone.
        line = f"line{port}"
        domain = ClockDomain(line)
        self.clock_domains += domain
        self.comb += domain.clk.eq(ClockSignal(f"eth{port}_rx"))
        self.specials += AsyncResetSynchronizer(domain, ResetSignal("sys"))
        to_line = ClockDomainsRenamer(line)
        self.unframe, self.widen = to_line(Unframe()), to_line(Widen())
        self.arrive = ClockDomainsRenamer({"write": line, "read": "sys"})(Crossing(RECEIVED))
        self.leave = ClockDomainsRenamer({"write": "sys", "read": line})(Crossing(WORD))
        step = getattr(phy, "step", None)
        self.narrow, self.octets = to_line(Narrow()), to_line(stream.Buffer(OCTET))
        self.frame = frame = to_line(Frame() if step is None else CEInserter()(Frame()))
        self.source, self.sink = self.arrive.source, self.leave.sink
        self.comb += [
            phy.source.connect(self.unframe.sink, keep={"valid", "ready", "data", "last"}),
            self.unframe.source.connect(self.widen.sink),
            # Never full: what came is taken in every second cycle of `sys`, and the line brings it in every eighth.
            self.widen.source.connect(self.arrive.sink),
            self.leave.source.connect(self.narrow.sink),
            self.narrow.source.connect(self.octets.sink),
            self.octets.source.connect(frame.sink, omit=set() if step is None else {"ready"}),
            frame.source.connect(phy.sink, keep={"valid", "data"}),
        ]
        if step is not None:
            self.comb += [frame.ce.eq(step), self.octets.source.ready.eq(frame.sink.ready & step)]
