# SPDX-License-Identifier: Apache-2.0
"""Writes a board around the core as Verilog: port 0 to the network, port 1 to the server (docs/board.md).

usage: top.py BOARD OUT ADDRESS MAC
"""

import importlib
import math
import pathlib
import sys

import yaml
from litex.gen import LiteXModule
from litex.soc.cores.clock import ECP5PLL
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import axi, stream, wishbone
from litex.soc.interconnect.csr import CSRStatus
from litex.soc.interconnect.packet import Arbiter
from liteeth.phy.ecp5rgmii import LiteEthPHYRGMII
from migen import Array, ClockDomain, ClockDomainsRenamer, ClockSignal, If, Instance, ResetSignal, Signal

from endpoint import Endpoint
from frames import OCTET, FrameStore, keep
from mac import Mac
from server import FromServer, StripHeader

SYSTEM_CLOCK = 62.5e6
REGISTERS, NOISE = 0x30000000, 0x30001000  # of the core; each has 4 KiB
# Words of 8 octets. The core takes two gigabits a second and empties the network's store as fast as it fills; the
# server's frames may meet the core's own on their way out.
NETWORK_WORDS, SERVER_WORDS = 512, 1024


class Clocks(LiteXModule):
    def __init__(self, platform, name, hertz):
        self.rst = Signal()
        self.cd_sys = ClockDomain()
        self.pll = ECP5PLL()
        self.comb += self.pll.reset.eq(self.rst)
        self.pll.register_clkin(platform.request(name), hertz)
        self.pll.create_clkout(self.cd_sys, SYSTEM_CLOCK)


class Microseconds(LiteXModule):
    def __init__(self):
        self.time = Signal(52)
        common = math.gcd(int(SYSTEM_CLOCK), 1_000_000)
        step, whole = 1_000_000 // common, int(SYSTEM_CLOCK) // common
        phase = Signal(max=whole)
        self.sync += If(phase >= whole - step,
            phase.eq(phase + step - whole),
            self.time.eq(self.time + 1),
        ).Else(phase.eq(phase + step))


class Entropy(LiteXModule):
    """Noise from the host: a word written anywhere in the region is four samples, octet 0 first. There is no noise
    source yet: what the host writes must be raw noise."""

    def __init__(self):
        self.bus, self.source = bus, source = wishbone.Interface(), stream.Endpoint(OCTET)
        octet, selected = Signal(2), Signal()
        self.comb += [
            selected.eq(bus.stb & bus.cyc),
            source.valid.eq(selected & bus.we),
            source.data.eq(Array([bus.dat_w[8 * index : 8 * index + 8] for index in range(4)])[octet]),
            bus.ack.eq(selected & (~bus.we | (source.ready & (octet == 3)))),
        ]
        self.sync += If(source.valid & source.ready, octet.eq(octet + 1))


class Dropped(LiteXModule):
    """Frames that a store dropped whole: bad, too short or too long, or no room."""

    def __init__(self, **stores):
        for name, store in stores.items():
            status = CSRStatus(32, description=f"Frames dropped behind the {name} port, wrapping.", name=name)
            setattr(self, name, status)
            self.comb += status.status.eq(store.dropped)


class Top(SoCMini):
    def __init__(self, name, address, mac_address):
        board = yaml.safe_load(pathlib.Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))
        platform = importlib.import_module(f"litex_boards.platforms.{name}").Platform(
            toolchain="trellis", **board["platform"])
        share_management(platform)
        self.crg = Clocks(platform, **board["clock"])
        SoCMini.__init__(self, platform, SYSTEM_CLOCK, ident="")
        self.add_ports(board)
        self.network = FrameStore(NETWORK_WORDS)
        self.from_server = FromServer(mac_address, SERVER_WORDS)
        self.strip = StripHeader()
        self.endpoint = Endpoint(mac_address, address, SYSTEM_CLOCK)
        self.bus.add_master("endpoint", self.endpoint.bus)
        self.to_server = Arbiter([self.strip.source, self.endpoint.source], self.port1.sink)
        self.entropy = Entropy()
        self.bus.add_slave("noise", self.entropy.bus, SoCRegion(origin=NOISE, size=0x1000, cached=False))
        self.dropped = Dropped(network=self.network, server=self.from_server.store,
                               endpoint=self.endpoint.arrived)
        self.comb += [
            self.port0.source.connect(self.network.sink),
            self.port1.source.connect(self.from_server.sink),
            self.from_server.own.connect(self.endpoint.sink),
            self.endpoint.wanted.eq(self.from_server.own_wanted),
        ]
        self.add_core()

    def add_ports(self, board):
        for port in range(2):
            phy = LiteEthPHYRGMII(self.platform.request("eth_clocks", port), self.platform.request("eth", port),
                                  with_hw_init_reset=False, tx_delay=board["transmit_delay"], with_inband_status=False)
            phy = ClockDomainsRenamer({"eth_rx": f"eth{port}_rx", "eth_tx": f"eth{port}_tx"})(phy)
            self.add_module(f"phy{port}", phy)
            self.add_module(f"port{port}", Mac(phy, port))

    def add_core(self):
        self.microseconds = Microseconds()
        registers = axi.AXILiteInterface(data_width=32, address_width=32)
        self.bus.add_slave("reveille", registers, SoCRegion(origin=REGISTERS, size=0x1000, cached=False))
        ports = {"i_clk": ClockSignal(), "i_rst_n": ~ResetSignal(), "i_time_i": self.microseconds.time,
                 "i_s_axis_host_tuser": 0}
        inputs = {"s_axis_net": self.network.source, "s_axis_host": self.from_server.source,
                  "s_axis_entropy": self.entropy.source}
        outputs = {"m_axis_net": self.port0.sink, "m_axis_host": self.strip.sink}
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
        # On and off in turns of half a second, by the core's time.
        self.comb += self.platform.request("user_led_n").eq(self.microseconds.time[19])


def share_management(platform):
    """Both PHYs are on one MDIO bus, and so on the same two pins: the first port's."""
    resources = platform.constraint_manager.available
    (second,) = [resource for resource in resources if resource[:2] == ("eth", 1)]
    resources[resources.index(second)] = tuple(
        part for part in second if getattr(part, "name", None) not in ("mdio", "mdc"))


def main():
    name, out, address, mac_address = sys.argv[1:]
    top = Top(name, address, int(mac_address.replace(":", ""), 16))
    Builder(top, output_dir=out, gateware_dir=out, compile_software=False, csr_json=f"{out}/registers.json").build(
        build_name="board", run=False)


if __name__ == "__main__":
    main()
