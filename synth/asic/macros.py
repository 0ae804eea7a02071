# SPDX-License-Identifier: Apache-2.0
"""Block RAMs as macros: their sizes, and a library that times them.

Every port is registered, as rtl/prim's RAMs are: a setup time at each input and a delay behind each output's register.
Both are assumed, the same for all sizes; area is not told, for it is the maker of the macros who knows it.
"""

NAMES = {"reveille_ram": "one write, one read port", "reveille_dual_read_ram": "two read ports, one of them writes too"}
SETUP, HOLD, DELAY = 0.5, 0.1, 0.5  # ns
CAPACITANCE = 0.02  # pF


def size(name, ports):
    """Kind, words, bits of a word."""
    address, word = ("raddr_i", "rdata_o") if name.split("$")[0] == "reveille_ram" else ("a_addr_i", "a_rdata_o")
    return NAMES[name.split("$")[0]], 1 << len(ports[address]["bits"]), len(ports[word]["bits"])


def _arc(kind, *values):
    return f'      timing() {{ related_pin : "clk_i"; timing_type : {kind}; ' + " ".join(
        f'{group}(scalar) {{ values("{value}"); }}' for group, value in values
    ) + " }"


def _pin(port, description):
    width = len(description["bits"])
    lines = [f"    bus({port}) {{ bus_type : bus{width};" if width > 1 else f"    pin({port}) {{"]
    if description["direction"] == "output":
        lines += ["      direction : output;"]
        lines += [_arc("rising_edge", *((group, DELAY) for group in ("cell_rise", "cell_fall")),
                       *((group, 0.1) for group in ("rise_transition", "fall_transition")))]
    else:
        lines += [f"      direction : input; capacitance : {CAPACITANCE};"]
        if port == "clk_i":
            lines += ["      clock : true;"]
        else:
            for kind, value in (("setup_rising", SETUP), ("hold_rising", HOLD)):
                lines += [_arc(kind, ("rise_constraint", value), ("fall_constraint", value))]
    return [*lines, "    }"]


def liberty(modules):
    """The library's text; modules: cell name to its ports, as write_json says them."""
    widths = {len(port["bits"]) for ports in modules.values() for port in ports.values()}
    lines = ["library(macros) {", '  delay_model : table_lookup; time_unit : "1ns"; capacitive_load_unit(1, pf);']
    for edge in ("rise", "fall"):
        lines += [f"  input_threshold_pct_{edge} : 50; output_threshold_pct_{edge} : 50; "
                  f"slew_lower_threshold_pct_{edge} : 20; slew_upper_threshold_pct_{edge} : 80;"]
    for width in sorted(widths):
        lines += [f"  type(bus{width}) {{ base_type : array; data_type : bit; bit_width : {width}; "
                  f"bit_from : {width - 1}; bit_to : 0; downto : true; }}"]
    for name, ports in modules.items():
        lines += [f"  cell({name}) {{ interface_timing : true;"]
        for port, description in ports.items():
            lines += _pin(port, description)
        lines += ["  }"]
    return "\n".join([*lines, "}"]) + "\n"
