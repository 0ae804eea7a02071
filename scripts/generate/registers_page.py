# SPDX-License-Identifier: Apache-2.0
"""Writes the documentation page of a SystemRDL register map.

usage: registers_page.py REGISTERS.rdl CONFIGURATION OUT.md
"""

import pathlib
import sys

from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, MemNode, RegNode

import configuration

SOURCE = "rtl/host/reveille_registers.rdl"


def text(node):
    """Name (where it says more than the identifier) and description, on one line."""
    name = node.get_property("name")
    parts = [] if name == node.inst_name or isinstance(node, FieldNode) else [name + "."]
    encode = node.get_property("encode") if isinstance(node, FieldNode) else None
    codes = [", ".join(f"{code.value} {code.name}" for code in encode) + "."] if encode else []
    return " ".join([*parts, *(node.get_property("desc") or "").split(), *codes]).replace("|", "\\|")


def registers(block, path="", strides=()):
    """(name, first address, strides, node) of every register and memory, arrays unexpanded."""
    for child in block.children():
        name, steps = path + child.inst_name, strides
        if child.is_array:
            name += f"[{child.n_elements}]"
            steps = (*strides, child.array_stride)
        if isinstance(child, MemNode):
            words = f"{name}[{child.get_property('mementries')}]"
            yield words, child.raw_absolute_address, (child.get_property("memwidth") // 8,), child
        elif isinstance(child, RegNode):
            yield name, child.raw_absolute_address, steps, child
        else:
            yield from registers(child, name + ".", steps)


def access(field):
    software = field.get_property("sw").name
    singlepulse = ", pulse" if field.get_property("singlepulse") else ""
    on_write, on_read = field.get_property("onwrite"), field.get_property("onread")
    effects = "".join(f", {effect.name}" for effect in (on_write, on_read) if effect)
    return software + singlepulse + effects


def main():
    source, name, out = sys.argv[1:]
    source, out = pathlib.Path(source), pathlib.Path(out)
    compiler = RDLCompiler()
    compiler.compile_file(str(source))
    top = compiler.elaborate(parameters=configuration.registers(name)).top
    lines = [f"<!-- Generated from {SOURCE}: edit that. -->", f"# {top.get_property('name')}", ""]
    lines += [" ".join((top.get_property("desc") or "").split()), ""]
    lines += ["| address | register | bits | field | software | reset | what |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for name, address, strides, register in registers(top):
        where = " + ".join([f"0x{address:03x}", *(f"{stride} {index}" for stride, index in zip(strides, "ij"))])
        lines.append(f"| {where} | **{name}** | | | | | {text(register)} |")
        for field in register.fields() if isinstance(register, RegNode) else ():
            bits = f"{field.msb}:{field.lsb}" if field.width > 1 else f"{field.lsb}"
            reset = field.get_property("reset")
            reset = "" if reset is None else f"0x{reset:x}"
            lines.append(f"| | | {bits} | {field.inst_name} | {access(field)} | {reset} | {text(field)} |")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
