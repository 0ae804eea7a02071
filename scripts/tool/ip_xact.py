# SPDX-License-Identifier: Apache-2.0
"""Writes an IP-XACT component (IEEE 1685-2014) of the core: register map, interfaces, ports and the file they are of.

usage: ip_xact.py CONFIGURATION EMITTED.v OUT.xml

The map is what peakrdl makes of the registers. It leaves out a memory among registers, which becomes an address block
of its own here. Interfaces are named as Arm's definitions of AMBA 4 for IP-XACT are.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml

from peakrdl_ipxact import IPXACTExporter
from systemrdl import RDLCompiler
from systemrdl.node import MemNode

import core_files
import interfaces

sys.path.append(str(core_files.ROOT / "scripts/generate"))
import configuration as configurations  # noqa: E402  (a module of scripts/generate)

REGISTERS = core_files.ROOT / "rtl/host/reveille_registers.rdl"
NAMESPACE = "http://www.accellera.org/XMLSchema/IPXACT/1685-2014"
AMBA = {"axis": ("AXI4Stream", "r0p0_1"), "axil": ("AXI4-Lite", "r0p0_0")}


def tag(name):
    return f"{{{NAMESPACE}}}{name}"


def element(parent, name, text=None, /, **attributes):
    made = xml.SubElement(parent, tag(name), attributes)
    made.text = text
    return made


def texts(parent, /, **elements):
    for name, text in elements.items():
        element(parent, name, text)


def registers(configuration, path):
    """What peakrdl makes of them, and the memories that it leaves out."""
    compiler = RDLCompiler()
    compiler.compile_file(str(REGISTERS))
    top = compiler.elaborate(parameters=configurations.registers(configuration)).top
    IPXACTExporter(vendor="reveille", library="core", version=core_files.version()).export(
        top, str(path), component_name=interfaces.MODULE)
    return [child for child in top.children() if isinstance(child, MemNode)]


def add_memory(memory_map, memory):
    """Behind the block of the registers, which ends where the memory begins. Software only writes it."""
    memory_map.find(f"{tag('addressBlock')}/{tag('range')}").text = f"'h{memory.raw_absolute_address:x}"
    texts(element(memory_map, "addressBlock"), name=memory.inst_name, description=memory.get_property("desc"),
          baseAddress=f"'h{memory.raw_absolute_address:x}", range=f"'h{memory.size:x}",
          width=str(memory.get_property("memwidth")), usage="memory", access="write-only")


def add_interface(parent, bus, kind, side, signals, memory_map):
    made = element(parent, "busInterface")
    texts(made, name=bus)
    name, version = AMBA[kind]
    definition = {"vendor": "amba.com", "library": "AMBA4", "version": version}
    element(made, "busType", name=name, **definition)
    abstraction = element(element(made, "abstractionTypes"), "abstractionType")
    element(abstraction, "abstractionRef", name=f"{name}_rtl", **definition)
    maps = element(abstraction, "portMaps")
    for signal, port in {"ACLK": interfaces.CLOCK, "ARESETn": interfaces.RESET, **signals}.items():
        mapped = element(maps, "portMap")
        texts(element(mapped, "logicalPort"), name=signal)
        texts(element(mapped, "physicalPort"), name=port)
    mode = element(made, "slave" if side == "s" else "master")
    if kind == "axil":
        element(mode, "memoryMapRef", memoryMapRef=memory_map)


def add_model(root, found, verilog):
    model = element(root, "model")
    texts(element(element(model, "views"), "view"), name="verilog", componentInstantiationRef="verilog")
    instantiation = element(element(model, "instantiations"), "componentInstantiation")
    texts(instantiation, name="verilog", language="Verilog", moduleName=interfaces.MODULE)
    texts(element(instantiation, "fileSetRef"), localName="verilog")
    wires = element(model, "ports")
    for match in found:
        port = element(wires, "port")
        texts(port, name=match["name"])
        wire = element(port, "wire")
        texts(wire, direction=match["direction"].removesuffix("put"))
        if match["msb"] is not None:
            texts(element(element(wire, "vectors"), "vector"), left=match["msb"], right="0")
    files = element(element(root, "fileSets"), "fileSet")
    texts(files, name="verilog")
    texts(element(files, "file"), name=verilog.name, fileType="verilogSource")


def main():
    configuration, verilog, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    memories = registers(configuration, out)
    xml.register_namespace("ipxact", NAMESPACE)
    tree = xml.parse(out)
    root = tree.getroot()
    maps = root.find(tag("memoryMaps"))
    memory_map = maps.find(tag("memoryMap"))
    for memory in memories:
        add_memory(memory_map, memory)
    found = [match for _, match in interfaces.ports(verilog.read_text(encoding="utf-8").splitlines())]
    buses = xml.Element(tag("busInterfaces"))
    root.insert(list(root).index(maps), buses)
    for bus, described in interfaces.buses(match["name"] for match in found).items():
        add_interface(buses, bus, *described, memory_map.find(tag("name")).text)
    add_model(root, found, verilog)
    xml.indent(tree)
    tree.write(out, encoding="UTF-8", xml_declaration=True)


if __name__ == "__main__":
    main()
