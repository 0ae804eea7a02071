# SPDX-License-Identifier: Apache-2.0
"""Writes the C header of a register map: offsets, fields, enumerations, and accesses of one word each.

usage: c_header.py REGISTERS.rdl VERDICTS.json CONFIGURATION OUT.h

peakrdl's own header lays packed structs over the registers. Compilers take those apart octet by octet where a target
does not forgive unaligned addresses, and the core answers such a write with an error.
"""

import pathlib
import sys

from systemrdl import RDLCompiler
from systemrdl.node import MemNode, RegfileNode

import configuration
import verdicts

WORD = 32
SOFTWARE = {"r": "read", "w": "write", "rw": "read and write"}
HEAD = """\
/* SPDX-License-Identifier: Apache-2.0
   Generated from {sources} by scripts/generate/c_header.py: edit those.

   {about}

   NAME_OFFSET is a register's distance from the first in octets; of an array, its first element's, the others follow
   NAME_STRIDE apart. NAME_RESET is what a register holds after reset, where that is not 0. A field is
   REGISTER_FIELD_MASK and REGISTER_FIELD_SHIFT; one that fills its word has neither. */
#ifndef {guard}
#define {guard}

#include <stdint.h>

/* The core takes whole words only. Each of these is one load or store of 32 bits, on every target. `base` is where the
   core's registers are mapped, not cached. */
static inline uint32_t {prefix}read(const volatile uint32_t *base, uint32_t offset) {{ return base[offset / 4]; }}
static inline void {prefix}write(volatile uint32_t *base, uint32_t offset, uint32_t word) {{ base[offset / 4] = word; }}

/* A field of a word that was read, and a value where a field has it: REVEILLE_GET(word, REVEILLE_STATUS_READY). */
#define {PREFIX}GET(word, field) (((uint32_t)(word) & field##_MASK) >> field##_SHIFT)
#define {PREFIX}PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
"""


def wrapped(text, indent, width=120):
    """Words of `text`, in lines of at most `width`; all but the first begin with `indent`."""
    lines, line = [], ""
    for word in text.split():
        if line and len(indent) + len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return f"\n{indent}".join([*lines, line])


def sentence(node):
    """Name, where it says more than the identifier, and description."""
    name = node.get_property("name")
    parts = [] if name == node.inst_name else [name + "."]
    return " ".join([*parts, *(node.get_property("desc") or "").split()]).replace("*/", "* /")


class Header:
    def __init__(self, prefix):
        self.prefix = prefix
        self.lines = []
        self.names = set()
        self.enums = {}

    def claim(self, name):
        if name in self.names:
            sys.exit(f"c_header: two things would be called {name}")
        self.names.add(name)
        return name

    def define(self, name, value):
        self.lines.append(f"#define {self.claim(self.prefix + name)} {value}")

    def comment(self, text):
        self.lines += ["", wrapped(f"/* {text} */", "   ")]

    def component(self, node, path=""):
        """A register, memory, or register file with what it holds."""
        name = path + node.inst_name.upper()
        if isinstance(node, RegfileNode):
            self.comment(f"{name}: {sentence(node)}")
            self.array(node, name)
            for child in node.children():
                self.component(child, name + "_")
            return
        if isinstance(node, MemNode):
            self.comment(f"{name}, {SOFTWARE[node.get_property('sw').name]}: {sentence(node)}")
            self.define(f"{name}_OFFSET", f"0x{node.raw_absolute_address:03x}u")
            self.define(f"{name}_STRIDE", f"{node.get_property('memwidth') // 8}u")
            self.define(f"{name}_COUNT", f"{node.get_property('mementries')}u")
            return
        fields = list(node.fields())
        accesses = {field.get_property("sw").name for field in fields}
        access = accesses.pop() if len(accesses) == 1 else "rw"
        about = " ".join([sentence(node), *(sentence(f) for f in fields if f.width == WORD)])
        self.comment(f"{name}, {SOFTWARE[access]}: {about}")
        self.define(f"{name}_OFFSET", f"0x{node.raw_absolute_address:03x}u")
        self.array(node, name)
        reset = sum((field.get_property("reset") or 0) << field.low for field in fields)
        if reset:
            self.define(f"{name}_RESET", f"0x{reset:08x}u")
        for field in fields:
            self.field(field, f"{name}_{field.inst_name.upper()}")

    def array(self, node, name):
        if node.is_array:
            self.define(f"{name}_STRIDE", f"{node.array_stride}u")
            self.define(f"{name}_COUNT", f"{node.n_elements}u")

    def field(self, field, name):
        encode = field.get_property("encode")
        if encode:
            self.enums[encode.type_name] = [(code.name, code.value) for code in encode]
        if field.width == WORD:
            return
        codes = f"enum {self.prefix.lower()}{encode.type_name}." if encode else ""
        self.lines.append(wrapped(f"/* {field.inst_name}: {sentence(field)} {codes} */", "   "))
        self.define(f"{name}_MASK", f"0x{((1 << field.width) - 1) << field.low:08x}u")
        self.define(f"{name}_SHIFT", f"{field.low}")

    def enumeration(self, name, members):
        self.lines += ["", f"enum {self.prefix.lower()}{name} {{"]
        for member, value in members:
            self.lines.append(f"  {self.claim(f'{self.prefix}{name.upper()}_{member.upper()}')} = {value},")
        self.lines[-1] = self.lines[-1].rstrip(",")
        self.lines.append("};")


def main():
    source, verdict_source, name, out = sys.argv[1:]
    source, verdict_source, out = map(pathlib.Path, (source, verdict_source, out))
    compiler = RDLCompiler()
    compiler.compile_file(str(source))
    top = compiler.elaborate(parameters=configuration.registers(name)).top
    prefix = top.inst_name.split("_")[0].upper() + "_"
    header = Header(prefix)
    for child in top.children():
        header.component(child)
    for name, members in header.enums.items():
        header.enumeration(name, members)
    table = verdicts.load(verdict_source)
    for name in ("verdicts", "counters", "events"):
        header.enumeration(name.removesuffix("s"), [(entry["name"], entry["code"]) for entry in table[name]])

    head = HEAD.format(
        sources=f"rtl/host/{source.name} and {verdicts.SOURCE}",
        about=wrapped(f"{top.get_property('name')}, for a driver in C99 or C++. {top.get_property('desc') or ''}",
                      "   "),
        guard=f"{out.stem.upper()}_H",
        prefix=prefix.lower(),
        PREFIX=prefix,
    )
    out.write_text(head + "\n".join(header.lines) + "\n\n#endif\n", encoding="utf-8")


if __name__ == "__main__":
    main()
