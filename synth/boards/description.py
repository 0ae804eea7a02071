# SPDX-License-Identifier: Apache-2.0
"""What BOARD.yaml says of a board."""

import sys

import yaml

DEVICES = ("25k", "45k", "85k", "um5g-25k", "um5g-45k", "um5g-85k")  # nextpnr's options
LONGEST_DELAY = 127 * 25e-12  # of an input or output: 127 steps of 25 ps
SIGNALS = {"ref_clk": 1, "crs_dv": 1, "rx_data": 2, "tx_en": 1, "tx_data": 2}  # of RMII: how many pins each has


def is_text(value):
    return isinstance(value, str) and value != ""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_delay(value):
    return is_number(value) and 0 <= value <= LONGEST_DELAY


DELAY = (is_delay, f"seconds from 0 to {LONGEST_DELAY:.3e}")
BOARD = {
    "description": (is_text, "text"),
    "platform": (lambda value: isinstance(value, dict), "the arguments of litex-boards' Platform"),
    "device": (DEVICES.__contains__, f"one of {', '.join(DEVICES)}"),
    "package": (is_text, "a package of nextpnr's"),
    "speed": ((6, 7, 8).__contains__, "6, 7 or 8"),
    "clock": (lambda value: isinstance(value, dict), "name and hertz"),
    "led": (is_text, "a resource of the platform"),
    "ports": (lambda value: isinstance(value, list) and len(value) == 2, "two: to the network, to the server"),
}
CLOCK = {"name": (is_text, "a resource of the platform"),
         "hertz": (lambda value: is_number(value) and value > 0, "a number above 0")}
PHYS = {
    # Delays that the FPGA adds: to what it receives, and to the clock that it sends. `reset`: it resets the PHY first.
    "rgmii": {"receive_delay": DELAY, "transmit_delay": DELAY,
              "reset": (lambda value: isinstance(value, bool), "true or false")},
    "rmii": {"receive_delay": DELAY} | {
        signal: (lambda value, pins=pins: is_text(value) and len(value.split()) == pins,
                 f"{pins} pin{'s' * (pins > 1)}, as of a connector: pmod0:1") for signal, pins in SIGNALS.items()},
}


class Bad(Exception):
    pass


def check(name, given, fields):
    if not isinstance(given, dict):
        raise Bad(f"{name or 'file'} '{given}': expected the fields {', '.join(fields)}")
    path = f"{name}." if name else ""
    for field in given:
        if field not in fields:
            raise Bad(f"{path}{field} '{given[field]}': no such field; expected {', '.join(fields)}")
    for field, (good, expected) in fields.items():
        if field not in given:
            raise Bad(f"{path}{field}: missing; expected {expected}")
        if not good(given[field]):
            raise Bad(f"{path}{field} '{given[field]}': expected {expected}")


def refuse(path, error):
    print(f"synth: {path}: {' '.join(str(error).split())}", file=sys.stderr)
    sys.exit(2)


def load(path):
    """The board of that file; where it is not right, a message with file, field and value, and status 2."""
    try:
        board = yaml.safe_load(path.read_text(encoding="utf-8"))
        check("", board, BOARD)
        check("clock", board["clock"], CLOCK)
        for number, port in enumerate(board["ports"]):
            name = f"ports[{number}]"
            phy = port.get("phy") if isinstance(port, dict) else None
            if phy not in tuple(PHYS):
                raise Bad(f"{name}.phy '{phy}': expected one of {', '.join(PHYS)}")
            check(name, port, {"phy": (is_text, "text")} | PHYS[phy])
            taken = [pin for signal in SIGNALS for pin in port.get(signal, "").split()]
            for pin in taken:
                if taken.count(pin) > 1:
                    raise Bad(f"{name} '{pin}': a pin of two signals")
    except (OSError, UnicodeError, yaml.YAMLError, Bad) as error:
        refuse(path, error)
    return board


def compare(path, board, resources, connectors):
    """Refuses as `load` does what is not of the platform: its resources by name, its connectors' pins."""
    for field, name in (("clock.name", board["clock"]["name"]), ("led", board["led"])):
        if name not in resources:
            refuse(path, f"{field} '{name}': no such resource; expected one of {', '.join(sorted(resources))}")
    for number, port in enumerate(board["ports"]):
        for signal in SIGNALS:
            for pin in port.get(signal, "").split():
                field, (connector, _, index) = f"ports[{number}].{signal} '{pin}'", pin.partition(":")
                if connector not in connectors:
                    refuse(path, f"{field}: no such connector; expected one of {', '.join(connectors) or 'none'}")
                if index not in map(str, range(len(connectors[connector]))):
                    last = len(connectors[connector]) - 1
                    refuse(path, f"{field}: no such pin; expected {connector}:0 to {connector}:{last}")
