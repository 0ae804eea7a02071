# SPDX-License-Identifier: Apache-2.0
"""The core as a module of LiteX (docs/integration.md, "LiteX").

The design gets the core itself as a source beside this: a release's plain Verilog, scripts/emit-verilog's, or the
SystemVerilog. LiteX's streams carry no tuser: the configuration is one with the header in band, such as `gigabit`.
"""

from litex.gen import LiteXModule
from litex.soc.interconnect import axi, stream
from migen import ClockSignal, Instance, ResetSignal, Signal

from frames import OCTET, WORD, FrameStore, FromLiteEth, ToLiteEth, keep


class Core(LiteXModule):
    """The core in clock `sys`, its streams in words of frames.py. All ends are the core's own, with nothing before
    them: a frame that enters is whole and good."""

    def __init__(self):
        self.from_net, self.to_net = stream.Endpoint(WORD), stream.Endpoint(WORD)
        self.from_host, self.to_host = stream.Endpoint(WORD), stream.Endpoint(WORD)  # each frame behind its header
        self.entropy = stream.Endpoint(OCTET)
        # LiteX's bus has 32 bits of address; the core has 4 KiB, and looks at 12.
        self.registers = registers = axi.AXILiteInterface(data_width=32, address_width=32)
        self.time, self.irq = Signal(52), Signal()  # microseconds
        ports = {"i_clk": ClockSignal(), "i_rst_n": ~ResetSignal(), "i_time_i": self.time, "o_irq": self.irq,
                 "i_s_axis_host_tuser": 0}
        inputs = {"s_axis_net": self.from_net, "s_axis_host": self.from_host, "s_axis_entropy": self.entropy}
        outputs = {"m_axis_net": self.to_net, "m_axis_host": self.to_host}
        for bus, end in inputs.items():
            ports |= {f"i_{bus}_tdata": end.data, f"i_{bus}_tvalid": end.valid, f"o_{bus}_tready": end.ready}
            if bus != "s_axis_entropy":
                ports |= {f"i_{bus}_tkeep": keep(end.top), f"i_{bus}_tlast": end.last}
        for bus, end in outputs.items():
            octets = Signal(8)
            ports |= {f"o_{bus}_tdata": end.data, f"o_{bus}_tvalid": end.valid, f"i_{bus}_tready": end.ready,
                      f"o_{bus}_tkeep": octets, f"o_{bus}_tlast": end.last}
            self.comb += end.top.eq(sum(octets[1:]))
        for channel, payload, way in (("aw", "addr", "i"), ("w", "data", "i"), ("b", "resp", "o"),
                                      ("ar", "addr", "i"), ("r", "data", "o")):
            end, back = getattr(registers, channel), "o" if way == "i" else "i"
            value = end.addr[:12] if payload == "addr" else getattr(end, payload)
            ports |= {f"{way}_s_axil_{channel}valid": end.valid, f"{back}_s_axil_{channel}ready": end.ready,
                      f"{way}_s_axil_{channel}{payload}": value}
        ports |= {"i_s_axil_wstrb": registers.w.strb, "o_s_axil_rresp": registers.r.resp}
        self.specials += Instance("reveille", **ports)


class Reveille(LiteXModule):
    """The core between LiteEth's MAC and a host: `sink` takes what a LiteEthMACCore of 64 bits gives, which no ready
    holds up, and `source` gives what it takes. A frame that the MAC marks bad is dropped whole before the core, as is
    one of fewer than 60 octets or without room in `words` words; `dropped` counts them."""

    def __init__(self, words=512):
        self.core = core = Core()
        self.receive, self.store, self.transmit = FromLiteEth(), FrameStore(words), ToLiteEth()
        self.sink, self.source = self.receive.sink, self.transmit.source
        self.from_host, self.to_host, self.entropy = core.from_host, core.to_host, core.entropy
        self.registers, self.time, self.irq, self.dropped = core.registers, core.time, core.irq, self.store.dropped
        self.comb += [
            self.receive.source.connect(self.store.sink),
            self.store.source.connect(core.from_net),
            core.to_net.connect(self.transmit.sink),
        ]
