# SPDX-License-Identifier: Apache-2.0
"""Writes a board around the core as Verilog: port 0 to the network, port 1 to the server (docs/board.md).

usage: top.py BOARD OUT ADDRESS MAC
"""

import importlib
import math
import pathlib
import sys

from litex.build.generic_platform import Pins
from litex.gen import LiteXModule
from litex.soc.cores.clock import ECP5PLL
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import stream, wishbone
from litex.soc.interconnect.csr import CSRStatus, CSRStorage
from litex.soc.interconnect.packet import Arbiter
from liteeth.phy.ecp5rgmii import LiteEthPHYRGMII
from migen import (
    Array, Cat, ClockDomain, ClockDomainsRenamer, ClockSignal, If, Instance, Record, Replicate, ResetSignal, Signal)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "litex"))
import description  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from frames import OCTET, FrameStore  # noqa: E402
from mac import Mac  # noqa: E402
from reveille import Core  # noqa: E402
from rmii import Rmii  # noqa: E402
from server import FromServer, StripHeader  # noqa: E402

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
    """Noise for the core: of the board's own source, or from the host. A word written anywhere in the region is four
    samples, octet 0 first, which must be raw noise; while the board's own source feeds the core it counts for nothing.
    A word read there takes a sample of that source's tap: the sample, then what its `tuser` was, and bit 31 if there
    was one."""

    def __init__(self):
        self.bus, self.source = bus, source = wishbone.Interface(), stream.Endpoint(OCTET)
        self.own = CSRStorage(1, description="1: the board's noise source feeds the core; 0: it rests, the host feeds.")
        own, tap = stream.Endpoint(OCTET), stream.Endpoint([*OCTET, ("user", 1)])
        self.specials += Instance("board_noise",
            i_clk_i=ClockSignal(), i_rst_ni=~ResetSignal(), i_enable_i=self.own.storage,
            o_m_axis_entropy_tvalid=own.valid, i_m_axis_entropy_tready=own.ready, o_m_axis_entropy_tdata=own.data,
            o_m_axis_tap_tvalid=tap.valid, i_m_axis_tap_tready=tap.ready, o_m_axis_tap_tdata=tap.data,
            o_m_axis_tap_tuser=tap.user)
        octet, read, written = Signal(2), Signal(), Signal()  # both end in the cycle of `ack`
        self.comb += [
            read.eq(bus.stb & bus.cyc & ~bus.we & ~bus.ack),
            written.eq(bus.stb & bus.cyc & bus.we & ~bus.ack),
            tap.ready.eq(read),
            If(self.own.storage,
                own.connect(source),
            ).Else(
                source.valid.eq(written),
                source.data.eq(Array([bus.dat_w[8 * index : 8 * index + 8] for index in range(4)])[octet]),
            ),
        ]
        self.sync += [
            # The bus takes no data in the cycle in which it selects.
            bus.ack.eq(read | (written & (self.own.storage | (source.ready & (octet == 3))))),
            bus.dat_r.eq(Cat(tap.data, tap.user, Replicate(0, 22), tap.valid)),
            If(written & ~self.own.storage & source.ready, octet.eq(octet + 1)),
        ]


class Dropped(LiteXModule):
    """Frames that a store dropped whole: bad, too short or too long, or no room."""

    def __init__(self, **stores):
        for name, store in stores.items():
            status = CSRStatus(16, description=f"Frames dropped behind the {name} port; it wraps.", name=name)
            setattr(self, name, status)
            self.comb += status.status.eq(store.dropped)


class Top(SoCMini):
    def __init__(self, name, address, mac_address):
        path = pathlib.Path(__file__).with_name(f"{name}.yaml")
        board = description.load(path)
        platform = importlib.import_module(f"litex_boards.platforms.{name}").Platform(
            toolchain="trellis", **board["platform"])
        constraints = platform.constraint_manager
        description.compare(path, board, {resource[0] for resource in constraints.available},
                            constraints.connector_manager.connector_table)
        share_pins(platform)
        self.crg = Clocks(platform, **board["clock"])
        SoCMini.__init__(self, platform, SYSTEM_CLOCK, ident="", with_ctrl=False)
        self.add_ports(board["ports"])
        self.network = FrameStore(NETWORK_WORDS)
        self.from_server = FromServer(mac_address, SERVER_WORDS)
        self.strip = StripHeader()
        self.endpoint = Endpoint(address)
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
        self.add_core(board["led"])

    def add_ports(self, ports):
        for number, port in enumerate(ports):
            if port["phy"] == "rmii":
                phy = Rmii(self.platform, number, port)
            else:
                phy = LiteEthPHYRGMII(
                    self.platform.request("eth_clocks", number), self.platform.request("eth", number),
                    with_hw_init_reset=port["reset"], rx_delay=port["receive_delay"], tx_delay=port["transmit_delay"],
                    with_inband_status=False)
            phy = ClockDomainsRenamer({"eth_rx": f"eth{number}_rx", "eth_tx": f"eth{number}_tx"})(phy)
            self.add_module(f"phy{number}", phy)
            self.add_module(f"port{number}", Mac(phy, number))

    def add_core(self, led):
        self.microseconds = Microseconds()
        self.core = core = Core()
        self.bus.add_slave("reveille", core.registers, SoCRegion(origin=REGISTERS, size=0x1000, cached=False))
        self.comb += [
            core.time.eq(self.microseconds.time),
            self.network.source.connect(core.from_net),
            self.from_server.source.connect(core.from_host),
            self.entropy.source.connect(core.entropy),
            core.to_net.connect(self.port0.sink),
            core.to_host.connect(self.strip.sink),
        ]
        # On and off in turns of half a second, by the core's time.
        led = self.platform.request(led)
        lights = led.flatten() if isinstance(led, Record) else [led]
        self.comb += [light.eq(self.microseconds.time[19]) for light in lights]


def share_pins(platform):
    """Two PHYs of a board are on one MDIO bus, and on some boards on one reset, and so on the same pins: the first
    port's."""
    resources = platform.constraint_manager.available
    ports = [resource for port in range(2) for resource in resources if resource[:2] == ("eth", port)]
    if len(ports) < 2:
        return
    first, second = ports

    def pins(part):
        return [each.identifiers for each in getattr(part, "constraints", ()) if isinstance(each, Pins)]

    taken = [pins(part) for part in first]
    resources[resources.index(second)] = tuple(part for part in second if not pins(part) or pins(part) not in taken)


def main():
    name, out, address, mac_address = sys.argv[1:]
    top = Top(name, address, int(mac_address.replace(":", ""), 16))
    Builder(top, output_dir=out, gateware_dir=out, compile_software=False, csr_json=f"{out}/registers.json").build(
        build_name="board", run=False)


if __name__ == "__main__":
    main()
