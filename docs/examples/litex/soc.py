# SPDX-License-Identifier: Apache-2.0
"""A LiteX SoC around the core, as small as it can be: no CPU, the core's registers on the bus behind a Wishbone master
outside, and time. What a SoC of yours has in the place of the pads: a LiteEthMACCore of 64 bits (`mac`), a DMA
(`host`), a noise source (`noise`), and a CPU or a bridge (`bus`).

usage: soc.py OUT

Run by a Python with litex and liteeth. Writes OUT/soc.v, which lacks the core (scripts/emit-verilog --config gigabit),
and the SoC's registers as OUT/registers.json.
"""

import pathlib
import sys

from litex.build.generic_platform import GenericPlatform, Pins, Subsignal
from litex.build.io import CRG
from litex.gen import LiteXModule
from litex.soc.integration.export import get_csr_json
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import wishbone
from litex.soc.interconnect.csr import CSRStatus
from migen import If, Signal

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "synth/litex"))
from reveille import Reveille  # noqa: E402

CLOCK = 62.5e6
REGISTERS = 0x30000000  # of the core, 4 KiB


def stream(name, **fields):
    return name, 0, *(Subsignal(field, Pins(width)) for field, width in {"valid": 1, "ready": 1, **fields}.items())


MAC = {"data": 64, "last": 1, "last_be": 8, "error": 8}
HOST = {"data": 64, "last": 1, "top": 3}
PADS = [
    ("clock", 0, Pins(1)),
    ("reset", 0, Pins(1)),
    stream("mac_rx", **MAC),
    stream("mac_tx", **MAC),
    stream("host_rx", **HOST),
    stream("host_tx", **HOST),
    stream("noise", data=8),
    ("irq", 0, Pins(1)),
    ("bus", 0, *(Subsignal(name, Pins(width)) for name, width in (
        ("adr", 30), ("dat_w", 32), ("dat_r", 32), ("sel", 4), ("cyc", 1), ("stb", 1), ("ack", 1), ("we", 1),
        ("err", 1), ("cti", 3), ("bte", 2)))),
]


class Microseconds(LiteXModule):
    def __init__(self):
        self.time, count = Signal(52), Signal(max=125)
        # Two microseconds are 125 cycles: one has 62, the next 63.
        self.sync += [
            If(count == 124, count.eq(0)).Else(count.eq(count + 1)),
            If((count == 61) | (count == 124), self.time.eq(self.time + 1)),
        ]


class Soc(SoCMini):
    def __init__(self, platform):
        self.crg = CRG(platform.request("clock"), platform.request("reset"))
        SoCMini.__init__(self, platform, CLOCK, ident="")
        self.microseconds, self.reveille = Microseconds(), Reveille()
        self.comb += self.reveille.time.eq(self.microseconds.time)
        self.bus.add_slave("reveille", self.reveille.registers, SoCRegion(REGISTERS, size=0x1000, cached=False))
        self.dropped = CSRStatus(32, description="Frames dropped before the core, wrapping.")
        self.comb += self.dropped.status.eq(self.reveille.dropped)

        for name, end in (("mac_rx", self.reveille.sink), ("host_tx", self.reveille.from_host),
                          ("noise", self.reveille.entropy)):
            pads = platform.request(name)
            self.comb += pads.ready.eq(end.ready)
            self.comb += [getattr(end, field).eq(getattr(pads, field)) for field, _ in pads.layout if field != "ready"]
        for name, end in (("mac_tx", self.reveille.source), ("host_rx", self.reveille.to_host)):
            pads = platform.request(name)
            self.comb += end.ready.eq(pads.ready)
            self.comb += [getattr(pads, field).eq(getattr(end, field)) for field, _ in pads.layout if field != "ready"]
        master = wishbone.Interface()
        self.comb += master.connect_to_pads(platform.request("bus"), mode="slave")
        self.bus.add_master("outside", master)
        self.comb += platform.request("irq").eq(self.reveille.irq)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    platform = GenericPlatform("", PADS)
    soc = Soc(platform)
    soc.finalize()
    platform.get_verilog(soc, name="soc").write(out / "soc.v")
    (out / "registers.json").write_text(get_csr_json(soc.csr_regions, soc.constants, soc.mem_regions), encoding="utf-8")


if __name__ == "__main__":
    main()
