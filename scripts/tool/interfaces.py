# SPDX-License-Identifier: Apache-2.0
"""The core's interfaces, as the names of its ports tell them: s_axil_awaddr is AWADDR of the AXI4-Lite slave s_axil.

usage: interfaces.py < EMITTED.v > OUT.v

Gives the ports of module reveille the attributes by which Vivado's packager finds the interfaces, their clock and their
reset. ip_xact.py tells the same to other tools.
"""

import re
import sys

MODULE = "reveille"
CLOCK, RESET, INTERRUPT = "clk", "rst_n", "irq"
BUS = re.compile(r"(?P<bus>(?P<side>[sm])_(?P<kind>axis|axil)(_[a-z]+)?)_(?P<signal>[a-z]+)")
PORT = re.compile(r"  (?P<direction>input|output) (?:\[(?P<msb>\d+):0\] )?(?P<name>\w+);")
AMD = {"axis": "xilinx.com:interface:axis:1.0", "axil": "xilinx.com:interface:aximm:1.0"}


def ports(lines):
    """(index of the line, match of PORT) for each port of the core."""
    inside = False
    for index, line in enumerate(lines):
        if line.startswith(f"module {MODULE}("):
            inside = True
        elif inside and line.startswith("endmodule"):
            return
        elif inside and (match := PORT.match(line)):
            yield index, match


def buses(names):
    """{interface: its kind and side, and {signal: port}}, in the order of the ports."""
    found = {}
    for name in names:
        if match := BUS.fullmatch(name):
            kind, side, signals = found.setdefault(match["bus"], (match["kind"], match["side"], {}))
            signals[match["signal"].upper()] = name
    return found


def attributes(names):
    """{port: its attribute}, as UG1118 of AMD has them."""
    found = buses(names)
    said = {
        CLOCK: f'X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 {CLOCK} CLK", X_INTERFACE_PARAMETER = '
               f'"ASSOCIATED_BUSIF {":".join(found)}, ASSOCIATED_RESET {RESET}"',
        RESET: f'X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 {RESET} RST", X_INTERFACE_PARAMETER = '
               '"POLARITY ACTIVE_LOW"',
        INTERRUPT: f'X_INTERFACE_INFO = "xilinx.com:signal:interrupt:1.0 {INTERRUPT} INTERRUPT", '
                   'X_INTERFACE_PARAMETER = "SENSITIVITY LEVEL_HIGH"',
    }
    for bus, (kind, _, signals) in found.items():
        for signal, name in signals.items():
            said[name] = f'X_INTERFACE_INFO = "{AMD[kind]} {bus} {signal}"'
    return said


def main():
    lines = sys.stdin.read().splitlines()
    found = list(ports(lines))
    said = attributes([match["name"] for _, match in found])
    for index, match in reversed(found):
        if match["name"] in said:
            lines.insert(index, f"  (* {said[match['name']]} *)")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
