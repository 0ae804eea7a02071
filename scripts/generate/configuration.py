# SPDX-License-Identifier: Apache-2.0
"""Writes the sizes of a configuration for each of their readers.

usage: configuration.py CONFIGURATION OUT
       configuration.py CONFIGURATION --path | --registers

CONFIGURATION: the name of a file of rtl/configs, or the path of another one, which ends in .yaml. Written are
OUT/rtl/reveille_config_pkg.sv, OUT/include/reveille/config.hpp and OUT/docs/configurations.md, which has those of
rtl/configs beside each other. --path prints where the file is, --registers the parameters of reveille_registers.rdl,
one NAME=VALUE a line. A file that is not as expected ends with status 2, and nothing is written.
"""

import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "rtl/configs"
DEFAULT = "line"


class Size:
    """A key of the file, with the numbers that it may have: powers of two, or all from least to most."""

    def __init__(self, key, least, most, what, power=False, below=None):
        self.key, self.least, self.most, self.what, self.power, self.below = key, least, most, what, power, below

    def expected(self, sizes):
        kind = "a power of two" if self.power else "a whole number"
        if self.below:
            return f"{kind} from {self.least} to {self.most} below {self.below}, which is {sizes[self.below]}"
        return f"{kind} from {self.least} to {self.most}"

    def holds(self, value, sizes):
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            return False
        if self.below and value >= sizes[self.below]:
            return False
        return not self.power or value & (value - 1) == 0


SIZES = (
    Size("sessions", 256, 65536, "sessions that the nonce store holds", power=True),
    Size("lookup_cycles", 2, 4,
         "read cycles of a look-up; with 4 half the block RAMs, and a beat in every second cycle", power=True),
    Size("ipv4_addresses", 1, 8, "IPv4 addresses of the server"),
    Size("ipv6_addresses", 1, 8, "IPv6 addresses of the server"),
    Size("frame_buffer_beats", 512, 16384, "beats of 8 octets that wait for the host", power=True),
    Size("frame_buffer_reserve", 0, 16384, "beats of them that are kept for frames of sessions",
         below="frame_buffer_beats"),
    Size("event_records", 16, 2048, "records of the event log", power=True),
    Size("event_reserve", 1, 2048, "records of it that verdict events leave to the others", below="event_records"),
    Size("in_band_header", 0, 1, "1 where a header of 8 octets leads each frame on the host ports, else 0"),
)
MOST_ENTRIES = 16384  # of one memory of the store (rtl/prim/reveille_ram.sv)
KEYS = ("description", *(size.key for size in SIZES))


def refuse(message):
    sys.stderr.write(f"configuration: {message}\n")
    sys.exit(2)


def names():
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def find(configuration):
    """The file of that name, or at that path."""
    path = pathlib.Path(configuration) if configuration.endswith(".yaml") else CONFIGS / f"{configuration}.yaml"
    if "/" in configuration and not configuration.endswith(".yaml") or not path.is_file():
        refuse(f"{configuration!r}: no such configuration; expected {', '.join(names())}, or the path of a .yaml file")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", path.stem):
        refuse(f"{path}: name {path.stem!r}, expected letters, digits, and any of _.-")
    if path.resolve().parent != CONFIGS and path.stem in names():
        refuse(f"{path}: name {path.stem!r} is that of a file of rtl/configs, expected another one")
    return path.resolve()


class Loader(yaml.SafeLoader):
    """Mappings come as pairs, so that a key that stands twice is seen."""

    def pairs(self, node):
        return [(self.construct_object(key), self.construct_object(value, deep=True)) for key, value in node.value]


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, Loader.pairs)


def load(path):
    """The keys and values of the file, and its name."""
    try:
        pairs = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        refuse(f"{path}: {' '.join(str(error).split())}")
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        refuse(f"{path}: expected one mapping of {', '.join(KEYS)}")
    for position, (key, _) in enumerate(pairs):
        if key not in KEYS:
            refuse(f"{path}: {key}: unknown key; expected {', '.join(KEYS)}")
        if key in [earlier for earlier, _ in pairs[:position]]:
            refuse(f"{path}: {key}: stands twice, expected once")
    found = dict(pairs)
    for key in KEYS:
        if key not in found:
            refuse(f"{path}: {key}: missing; expected {', '.join(KEYS)}")
    if not isinstance(found["description"], str) or not found["description"].isprintable():
        refuse(f"{path}: description: {found['description']!r}, expected a line of text")
    for size in SIZES:
        if not size.holds(found[size.key], found):
            refuse(f"{path}: {size.key}: {found[size.key]!r}, expected {size.expected(found)}")
    most = MOST_ENTRIES * 8 // found["lookup_cycles"]
    if found["sessions"] > most:
        refuse(f"{path}: sessions: {found['sessions']}, expected at most {most} with lookup_cycles"
               f" {found['lookup_cycles']}")
    return {"name": path.stem, **found}


def log2(value):
    return value.bit_length() - 1


def registers(configuration):
    """Parameters of reveille_registers.rdl, of the configuration of that name."""
    config = load(find(configuration))
    return {
        "SESSIONS": log2(config["sessions"]),
        "FRAME_BUFFER": log2(config["frame_buffer_beats"]),
        "EVENT_LOG": log2(config["event_records"]),
        "IPV4_ADDRESSES": config["ipv4_addresses"],
        "IPV6_ADDRESSES": config["ipv6_addresses"],
        "IN_BAND_HEADER": config["in_band_header"],
    }


def camel(key):
    return "".join(part.capitalize() for part in key.split("_"))


def systemverilog(config):
    sizes = "\n".join(f"  // {size.what[0].upper() + size.what[1:]}\n"
                      f"  localparam int unsigned {camel(size.key)} = {config[size.key]};" for size in SIZES)
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from configuration {config["name"]} by scripts/generate/configuration.py: edit rtl/configs.
package reveille_config_pkg;

{sizes}

endpackage
"""


def cpp(config):
    sizes = "\n".join(
        f"inline constexpr unsigned k{camel(size.key)} = {config[size.key]};  ///< {size.what}" for size in SIZES)
    return f"""// SPDX-License-Identifier: Apache-2.0
// Generated from configuration {config["name"]} by scripts/generate/configuration.py: edit rtl/configs.
#pragma once

#include <string_view>

/// The configuration that this was built for: the sizes that all descriptions of the core share.
namespace reveille::config {{

inline constexpr std::string_view kName = "{config["name"]}";
{sizes}

}}  // namespace reveille::config
"""


def markdown(configs):
    """A column for each configuration."""
    rows = [("", *(f"**{config['name']}**" for config in configs)), ("---",) * (len(configs) + 1)]
    rows.append(("for", *(config["description"].replace("|", "\\|") for config in configs)))
    rows += [(f"`{size.key}`: {size.what}", *(f"{config[size.key]:,}" for config in configs)) for size in SIZES]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    head = "<!-- Generated from rtl/configs by scripts/generate/configuration.py: edit those. -->"
    return f"{head}\n# Configurations\n\n{table}\n"


def main():
    if len(sys.argv) != 3:
        refuse("expected a configuration and a folder, --path or --registers")
    path = find(sys.argv[1])
    config = load(path)
    if sys.argv[2] == "--path":
        print(path)
        return
    if sys.argv[2] == "--registers":
        print(*(f"{name}={value}" for name, value in registers(sys.argv[1]).items()), sep="\n")
        return
    out = pathlib.Path(sys.argv[2])
    for name, text in (
        ("rtl/reveille_config_pkg.sv", systemverilog(config)),
        ("include/reveille/config.hpp", cpp(config)),
        ("docs/configurations.md", markdown([load(CONFIGS / f"{name}.yaml") for name in names()])),
    ):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
