# SPDX-License-Identifier: Apache-2.0
"""The board's own endpoint: Etherbone on LiteEth's UDP/IP, at 8 bits, a master of the bus of registers."""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from litex.soc.interconnect.packet import Arbiter, Dispatcher
from liteeth.common import eth_etherbone_packet_user_description, eth_phy_description
from liteeth.core import LiteEthUDPIPCore
from liteeth.frontend.etherbone import (
    LiteEthEtherbonePacketRX, LiteEthEtherbonePacketTX, LiteEthEtherboneRecord, LiteEthEtherboneWishboneMaster)
from migen import FSM, ClockDomainsRenamer, If, NextState, NextValue, Signal

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


class Probe(LiteXModule):
    """Answers a probe of Etherbone. LiteEth's own passes on ready as it comes: then the whole way of the frame that
    came and of the one that leaves is one path."""

    def __init__(self):
        self.sink, self.source = (stream.Endpoint(eth_etherbone_packet_user_description(32)) for _ in range(2))
        sink, source = self.sink, self.source
        address = Signal(32)
        self.fsm = fsm = FSM(reset_state="Probe")
        fsm.act("Probe",
            sink.ready.eq(1),
            NextValue(address, sink.ip_address),
            If(sink.valid & sink.last, NextState("Answer")),
        )
        fsm.act("Answer",
            source.valid.eq(1),
            source.last.eq(1),
            source.last_be.eq(0b1000),
            source.pr.eq(1),
            source.ip_address.eq(address),
            source.length.eq(4),
            If(source.ready, NextState("Probe")),
        )


class Etherbone(LiteXModule):
    """LiteEth's Etherbone, a master of `bus`, but for its answer to probes."""

    def __init__(self, udp):
        port = udp.crossbar.get_port(PORT, dw=32)
        # Here ready is registered: it would come in one path from where frames leave to the record's buffer, and from
        # there to where they arrive.
        self.arrived, self.leaving = (stream.PipeReady(end.description) for end in (port.source, port.sink))
        self.receive, self.send = LiteEthEtherbonePacketRX(), LiteEthEtherbonePacketTX(PORT)
        self.probe, self.record = Probe(), LiteEthEtherboneRecord(buffer_depth=BUFFER)
        self.wishbone = LiteEthEtherboneWishboneMaster()
        self.bus = self.wishbone.bus
        self.dispatcher = Dispatcher(self.receive.source, [self.probe.sink, self.record.sink])
        self.arbiter = Arbiter([self.probe.source, self.record.source], self.send.sink)
        self.comb += [
            port.source.connect(self.arrived.sink),
            self.arrived.source.connect(self.receive.sink),
            self.send.source.connect(self.leaving.sink),
            self.leaving.source.connect(port.sink),
            self.dispatcher.sel.eq(~self.receive.source.pf),
            self.record.receiver.source.connect(self.wishbone.sink),
            self.wishbone.source.connect(self.record.sender.sink),
        ]


class Endpoint(LiteXModule):
    """`sink` and `wanted` as FrameStore's. `source`: whole frames for the server. `bus`: Wishbone, the master."""

    def __init__(self, mac_address, address, frequency):
        self.arrived, self.narrow, self.line = FrameStore(WORDS, LONGEST), Narrow(), Line()
        self.widen, self.leaving = Widen(), FrameStore(WORDS)
        self.sink, self.wanted, self.source = self.arrived.sink, self.arrived.wanted, self.leaving.source
        core = LiteEthUDPIPCore(self.line, mac_address, address, frequency, with_icmp=False, with_ip_broadcast=False)
        # Behind the MAC's last part: ready would come in one path from ARP and IP to its queue.
        path, taken = core.mac.core.rx_datapath, stream.PipeReady(eth_phy_description(8))
        path.submodules += taken
        path.pipeline.insert(-1, taken)
        self.etherbone = Etherbone(core.udp)
        self.core = ClockDomainsRenamer({"eth_rx": "sys", "eth_tx": "sys"})(core)
        self.bus = self.etherbone.bus
        received, sent = self.line.source, self.line.sink
        self.comb += [
            self.arrived.source.connect(self.narrow.sink),
            self.narrow.source.connect(received, keep={"valid", "ready", "data", "last"}),
            received.last_be.eq(self.narrow.source.last),
            sent.connect(self.widen.sink, keep={"valid", "ready", "data", "last"}),
            self.widen.source.connect(self.leaving.sink),
        ]
