# SPDX-License-Identifier: Apache-2.0
"""Writes LiteEth's UDP/IP stack of 64 bits as Verilog: ARP, ICMP echo, IPv4, UDP with one port, both directions.

No MAC: neither FCS nor preamble nor padding, as Reveille has none. In and out go streams of frames; the two FIFOs
with which LiteEth crosses from the PHY's clocks remain, all in one clock.
"""

import sys

from litex.gen import ClockDomainsRenamer, LiteXModule
from litex.gen.fhdl.verilog import convert
from liteeth.common import eth_phy_description, stream
from liteeth.core import LiteEthUDPIPCore
from migen import ClockDomain

WIDTH = 64
TOP = "liteeth_udp_ip"


class Line(LiteXModule):
    """In the place of a PHY: frames as they come and go, whole."""

    dw = WIDTH
    with_preamble_crc = with_padding = False
    integrated_ifg_inserter = True

    def __init__(self):
        for end in ("sink", "source", "from_line", "to_line"):
            setattr(self, end, stream.Endpoint(eth_phy_description(WIDTH)))
        self.comb += [self.sink.connect(self.to_line), self.from_line.connect(self.source)]


class Stack(LiteXModule):
    def __init__(self):
        self.cd_sys = ClockDomain()
        self.line = Line()
        one_clock = ClockDomainsRenamer({"eth_rx": "sys", "eth_tx": "sys"})
        core = LiteEthUDPIPCore(self.line, 0x020000000001, "192.0.2.1", clk_freq=156_250_000, dw=WIDTH)
        self.port = core.udp.crossbar.get_port(1293, dw=WIDTH)
        self.core = one_clock(core)


def main():
    stack = Stack()
    stack.cd_sys.clk.name_override, stack.cd_sys.rst.name_override = "clk", "rst"
    ends = (stack.line.from_line, stack.line.to_line, stack.port.sink, stack.port.source)
    ports = {stack.cd_sys.clk, stack.cd_sys.rst}.union(*(end.flatten() for end in ends))
    convert(stack, ports, name=TOP).write(sys.argv[1])


if __name__ == "__main__":
    main()
