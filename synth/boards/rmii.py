# SPDX-License-Identifier: Apache-2.0
"""An RMII PHY of 100 Mbit/s, full duplex, that brings its reference clock of 50 MHz (RMII Consortium, revision 1.2).

The MAC sees what it sees of LiteEth's RGMII PHY, but an octet in every fourth cycle: `source` is to be taken as it
comes; from `sink` an octet is taken where `step` is 1. LiteEth's own RMII PHY is not taken: it counts octets from where
data first comes, so that a frame is lost whose preamble the PHY cut within an octet.
"""

from litex.build.generic_platform import IOStandard, Misc, Pins, Subsignal
from litex.build.io import SDRInput, SDROutput
from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import Array, Cat, ClockDomain, ClockDomainsRenamer, FSM, If, Instance, NextState, NextValue, Signal

from frames import OCTET

DELIMITER = 0xD5
CLOCK = 50e6
TAP = 25e-12  # seconds of an input's delay


class Receive(LiteXModule):
    """Dibits to octets, the delimiter first; nothing of what goes before it comes out.

    Where the carrier ends before the PHY has given out the frame, CRS_DV is 0 in the first dibit of each nibble that is
    left, and 1 in the second. So a dibit is of the frame where it or the next one comes with CRS_DV. CRS_DV rises at
    any time (asynchronously), but with 00 until the preamble comes: in which cycle it is seen does not matter."""

    def __init__(self):
        self.crs_dv, self.dibit = crs_dv, dibit = Signal(), Signal(2)
        self.source = source = stream.Endpoint(OCTET)
        came, now, valid, preamble = Signal(), Signal(2), Signal(), Signal()
        octet, before, count = Signal(8), Signal(6), Signal(2)
        held, emit = Signal(8), Signal()  # an octet is kept until it is known whether it is the last
        self.comb += [valid.eq(came | crs_dv), octet.eq(Cat(before, now))]
        self.sync += [
            came.eq(crs_dv),
            now.eq(dibit),
            before.eq(octet[2:]),
            source.valid.eq(emit),
            source.last.eq(~valid),
            If(emit, source.data.eq(held)),
        ]
        self.fsm = fsm = FSM(reset_state="Preamble")
        fsm.act("Preamble",
            NextValue(preamble, valid & (now == 0b01)),
            NextValue(held, DELIMITER),
            NextValue(count, 0),
            If(valid & now[1],  # a delimiter, or no frame
                If(preamble & now[0], NextState("Octets")).Else(NextState("Skip")),
            ),
        )
        fsm.act("Octets",
            NextValue(count, count + 1),
            If(~valid,
                emit.eq(1),
                NextState("Preamble"),
            ).Elif(count == 3,
                emit.eq(1),
                NextValue(held, octet),
            ),
        )
        fsm.act("Skip", If(~valid, NextState("Preamble")))


class Send(LiteXModule):
    """Octets to dibits. `step`: the octet's last cycle."""

    def __init__(self):
        self.sink = sink = stream.Endpoint(OCTET)
        self.step, self.tx_en, self.dibit = Signal(), Signal(), Signal(2)
        place = Signal(2)
        self.sync += place.eq(place + 1)
        self.comb += [
            self.step.eq(place == 3),
            self.tx_en.eq(sink.valid),
            If(sink.valid, self.dibit.eq(Array([sink.data[at : at + 2] for at in range(0, 8, 2)])[place])),
        ]


class Rmii(LiteXModule):
    """Receive and Send in clock `eth_rx`, behind flip-flops at the pins."""

    def __init__(self, platform, number, port):
        platform.add_extension(pins(number, port))
        self.cd_eth_rx = ClockDomain(reset_less=True)
        self.clk = platform.request("eth_clocks", number).ref_clk
        platform.add_period_constraint(self.clk, 1e9 / CLOCK)
        pads = platform.request("eth", number)
        self.comb += self.cd_eth_rx.clk.eq(self.clk)
        in_clock = ClockDomainsRenamer("eth_rx")
        self.receive, self.send = in_clock(Receive()), in_clock(Send())
        delayed = Signal(3)
        for at, (pad, bit) in enumerate(zip((pads.crs_dv, pads.rx_data[0], pads.rx_data[1]),
                                            (self.receive.crs_dv, self.receive.dibit[0], self.receive.dibit[1]))):
            self.specials += [
                Instance("DELAYG", p_DEL_MODE="SCLK_ALIGNED", p_DEL_VALUE=round(port["receive_delay"] / TAP),
                         i_A=pad, o_Z=delayed[at]),
                SDRInput(i=delayed[at], o=bit, clk=self.clk),
            ]
        for pad, bit in zip((pads.tx_en, pads.tx_data[0], pads.tx_data[1]),
                            (self.send.tx_en, self.send.dibit[0], self.send.dibit[1])):
            self.specials += SDROutput(i=bit, o=pad, clk=self.clk)
        self.source, self.sink, self.step = self.receive.source, self.send.sink, self.send.step


def pins(number, port):
    """What a platform has of such a PHY: its pins, as the board's file names them."""
    return [
        ("eth_clocks", number, Subsignal("ref_clk", Pins(port["ref_clk"])), IOStandard("LVCMOS33")),
        # Pulled up as the PHY wants it while it takes its mode from these pins.
        ("eth", number,
            Subsignal("crs_dv", Pins(port["crs_dv"]), Misc("PULLMODE=UP")),
            Subsignal("rx_data", Pins(port["rx_data"]), Misc("PULLMODE=UP")),
            Subsignal("tx_en", Pins(port["tx_en"])),
            Subsignal("tx_data", Pins(port["tx_data"])),
            IOStandard("LVCMOS33")),
    ]
