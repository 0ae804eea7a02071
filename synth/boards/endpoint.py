# SPDX-License-Identifier: Apache-2.0
"""The board's own endpoint: Etherbone on LiteEth's UDP/IP, at 8 bits, a master of the bus of registers."""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from liteeth.common import eth_phy_description
from liteeth.core import LiteEthUDPIPCore
from liteeth.frontend.etherbone import LiteEthEtherbone
from migen import ClockDomainsRenamer, Signal

from frames import FrameStore, Narrow, Widen

PORT = 1234
WORDS = 512  # of a store
# A record that LiteEth cannot buffer whole would stand still for ever. The longest frame that is taken has 34 words of
# 32 bits behind the headers: 32 registers to read or write, and an address or two.
LONGEST, BUFFER = 24, 40


class Line(LiteXModule):
    """In the place of a PHY: frames as they come and go, whole, in the system's clock."""

    dw = 8
    with_preamble_crc = False
    integrated_ifg_inserter = True

    def __init__(self):
        self.sink, self.source = stream.Endpoint(eth_phy_description(8)), stream.Endpoint(eth_phy_description(8))


class Endpoint(LiteXModule):
    """`sink` and `wanted` as FrameStore's. `source`: whole frames for the server. `bus`: Wishbone, the master."""

    def __init__(self, mac_address, address, frequency):
        self.arrived, self.narrow, self.line = FrameStore(WORDS, LONGEST), Narrow(), Line()
        self.widen, self.leaving = Widen(), FrameStore(WORDS)
        self.sink, self.wanted, self.source = self.arrived.sink, self.arrived.wanted, self.leaving.source
        core = LiteEthUDPIPCore(self.line, mac_address, address, frequency, with_icmp=False, with_ip_broadcast=False)
        self.etherbone = LiteEthEtherbone(core.udp, PORT, buffer_depth=BUFFER)
        self.core = ClockDomainsRenamer({"eth_rx": "sys", "eth_tx": "sys"})(core)
        self.bus = self.etherbone.wishbone.bus
        received, sent = self.line.source, self.line.sink
        self.comb += [
            self.arrived.source.connect(self.narrow.sink),
            self.narrow.source.connect(received, keep={"valid", "ready", "data", "last"}),
            received.last_be.eq(self.narrow.source.last),
            sent.connect(self.widen.sink, keep={"valid", "ready", "data", "last"}),
            self.widen.source.connect(self.leaving.sink),
        ]
