# SPDX-License-Identifier: Apache-2.0
"""Writes the register map as CMSIS-SVD 1.3, which debuggers and generators of drivers read.

usage: svd.py CONFIGURATION OUT.svd

Registers, their fields and enumerations are those of the SystemRDL; the peripheral lies at 0, since where a system maps
it is the integrator's. The framing memory is an array of write-only words.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml

from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, MemNode, RegNode
from systemrdl.rdltypes import OnReadType, OnWriteType

import core_files

sys.path.append(str(core_files.ROOT / "scripts/generate"))
import configuration as configurations  # noqa: E402  (a module of scripts/generate)

REGISTERS = core_files.ROOT / "rtl/host/reveille_registers.rdl"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
LICENCE = "<!-- SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1 -->"
ACCESS = {"r": "read-only", "w": "write-only", "rw": "read-write"}
WRITE = {OnWriteType.woclr: "oneToClear", OnWriteType.woset: "oneToSet", OnWriteType.wclr: "clear"}
READ = {OnReadType.rclr: "clear", OnReadType.rset: "set", OnReadType.ruser: "modifyExternal"}


def element(parent, name, text=None, /, **attributes):
    made = xml.SubElement(parent, name, attributes)
    made.text = text
    return made


def texts(parent, /, **elements):
    for name, text in elements.items():
        element(parent, name, text)


def described(node):
    """What the map says of it, in one line; SystemRDL's marks of code are none of SVD's."""
    text = node.get_property("desc") or node.get_property("name") or node.inst_name
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()


def access(registers_fields):
    readable = any(field.is_sw_readable for field in registers_fields)
    writable = any(field.is_sw_writable for field in registers_fields)
    return ACCESS[("r" if readable else "") + ("w" if writable else "")]


def add_field(parent, field):
    made = element(parent, "field")
    texts(made, name=field.inst_name, description=described(field), bitRange=f"[{field.msb}:{field.lsb}]",
          access=access([field]))
    for values, known, name in ((WRITE, "onwrite", "modifiedWriteValues"), (READ, "onread", "readAction")):
        said = field.get_property(known)
        if said in values:
            element(made, name, values[said])
    encoding = field.get_property("encode")
    if encoding is None:
        return
    enumerated = element(made, "enumeratedValues")
    for member in encoding:
        value = element(enumerated, "enumeratedValue")
        texts(value, name=member.name)
        if member.rdl_desc:
            texts(value, description=re.sub(r"\s+", " ", member.rdl_desc.replace("`", "")))
        texts(value, value=str(member.value))


def head(parent, name, node, offset, width, dim=None):
    """What every register begins with; `dim`: elements and octets from one to the next."""
    made = element(parent, "register")
    if dim is not None:
        texts(made, dim=str(dim[0]), dimIncrement=f"0x{dim[1]:x}")
        name += "[%s]"
    texts(made, name=name, description=described(node), addressOffset=f"0x{offset:03x}", size=str(width))
    return made


def add_register(parent, register):
    dim = (register.array_dimensions[0], register.array_stride) if register.is_array else None
    made = head(parent, register.inst_name, register, register.raw_address_offset, register.get_property("regwidth"),
                dim)
    fields = list(register.fields())
    reset = sum((field.get_property("reset") or 0) << field.lsb for field in fields)
    mask = sum((2 ** field.width - 1) << field.lsb for field in fields)
    texts(made, access=access(fields), resetValue=f"0x{reset:08x}", resetMask=f"0x{mask:08x}")
    listed = element(made, "fields")
    for field in fields:
        add_field(listed, field)


def add_memory(parent, memory):
    width = memory.get_property("memwidth")
    made = head(parent, memory.inst_name, memory, memory.raw_address_offset, width,
                (memory.get_property("mementries"), width // 8))
    texts(made, access=ACCESS[memory.get_property("sw").name])


def add_children(parent, node):
    for child in node.children(unroll=False):
        if isinstance(child, RegNode):
            add_register(parent, child)
        elif isinstance(child, MemNode):
            add_memory(parent, child)
        elif not isinstance(child, FieldNode):  # a register file: registers one by one, under its name
            add_file(parent, child)


def add_file(parent, file):
    """A cluster, as SVD calls what comes again and again."""
    made = element(parent, "cluster")
    name = file.inst_name
    if file.is_array:
        texts(made, dim=str(file.array_dimensions[0]), dimIncrement=f"0x{file.array_stride:x}")
        name += "[%s]"
    texts(made, name=name, description=described(file), addressOffset=f"0x{file.raw_address_offset:03x}")
    add_children(made, file)


def device(top, version):
    root = xml.Element("device", {"schemaVersion": "1.3", f"{{{SCHEMA}}}noNamespaceSchemaLocation": "CMSIS-SVD.xsd"})
    texts(root, name="reveille", version=version, description="A system with a Reveille core, mapped at 0 here",
          addressUnitBits="8", width="32", size="32", access="read-write", resetValue="0", resetMask="0xffffffff")
    peripheral = element(element(root, "peripherals"), "peripheral")
    texts(peripheral, name="REVEILLE", description=described(top), baseAddress="0x0")
    texts(element(peripheral, "addressBlock"), offset="0x0", size="0x1000", usage="registers")
    add_children(element(peripheral, "registers"), top)
    return root


def main():
    configuration, out = sys.argv[1], pathlib.Path(sys.argv[2])
    compiler = RDLCompiler()
    compiler.compile_file(str(REGISTERS))
    top = compiler.elaborate(parameters=configurations.registers(configuration)).top
    xml.register_namespace("xs", SCHEMA)
    root = device(top, core_files.version())
    xml.indent(root)
    text = xml.tostring(root, encoding="unicode")
    out.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{LICENCE}\n{text}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
