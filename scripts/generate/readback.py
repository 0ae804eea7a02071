# SPDX-License-Identifier: Apache-2.0
"""Writes the read side of the register block, and which addresses exist, from its SystemRDL source.

usage: readback.py REGISTERS.rdl OUT.sv

peakrdl's own read side is one chain of multiplexers behind the address decoder, 1,400 LUT4 for these registers; here
the decoder ends in registers, and what is behind it is AND and OR: 500. It is gathered in parts, each in registers of
its own. External registers and regions answer in the cycle after their request, a region with 0 unless it is read.
"""

import pathlib
import sys

from systemrdl import RDLCompiler, RDLListener, RDLWalker
from systemrdl.node import FieldNode, RegNode

PARTS = 4  # of some nine words each: two LUT4 deep


class Registers(RDLListener):
    """Collects (first address, last address, [(low bit, width, expression)]) of all there is; of what software does not
    read the last is empty."""

    def __init__(self):
        self.registers = []
        self.behind = 0  # up to here an external block holds the addresses

    def enter_AddressableComponent(self, node):
        if node.parent.parent is None or node.absolute_address < self.behind:
            return
        last = node.absolute_address + node.size - 1
        if node.external:
            self.behind = last + 1
            readable = any(isinstance(n, FieldNode) and n.is_sw_readable for n in node.descendants())
            word = [(0, 32, f"in_i.{node.get_path_segment()}.rd_data")] if readable else []
            self.registers.append((node.absolute_address, last, word))
        elif isinstance(node, RegNode):
            fields = [(f.low, f.width, self.source(f)) for f in node.fields() if f.is_sw_readable]
            self.registers.append((node.absolute_address, last, fields))

    @staticmethod
    def source(field):
        path = ".".join(field.get_path_segments(array_suffix="[{index:d}]")[1:])
        if field.implements_storage:
            return f"out_i.{path}.value"
        if field.is_hw_writable:
            return f"in_i.{path}.next"
        return f"{field.width}'h{field.get_property('reset'):x}"


def word(fields):
    """The 32 bits of a register as a concatenation, most significant first."""
    parts, top = [], 32
    for low, width, source in sorted(fields, reverse=True):
        if low + width < top:
            parts.append(f"{top - low - width}'d0")
        parts.append(source)
        top = low
    if top:
        parts.append(f"{top}'d0")
    return "{" + ", ".join(parts) + "}"


def module(name, registers, address_width):
    def selected(first, last):
        bits = (last - first).bit_length() if last - first >= 4 else 0
        if (last - first + 1) & (last - first) or first & (last - first):
            sys.exit(f"{name}: {first:#x} to {last:#x} is no aligned power of two")
        part = f"address_i[{address_width - 1}:{bits}]" if bits else "address_i"
        return f"{part} == {address_width - bits}'h{first >> bits:x}"

    exists = " ||\n                ".join(f"({selected(first, last)})" for first, last, _ in registers)
    readable = [(first, last, fields) for first, last, fields in registers if fields]
    count = len(readable)
    select = "\n".join(f"    select_q[{i}] <= {selected(first, last)};" for i, (first, last, _) in enumerate(readable))
    words = [f"({{32{{select_q[{i}]}}}} & {word(fields)})" for i, (_, _, fields) in enumerate(readable)]
    size = -(-count // PARTS)
    parts = [" |\n                 ".join(words[i : i + size]) for i in range(0, count, size)]
    gather = "\n".join(f"    part_q[{i}] <= {part};" for i, part in enumerate(parts))
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from rtl/host/{name}.rdl by scripts/generate/readback.py: edit those.
// For the address of the last cycle: whether it exists. For that of the cycle before: what its register held in the
// last cycle, 0 if nothing is read there.
module {name}_readback
  import {name}_pkg::*;
(
  input  logic clk_i,
  input  logic [{address_width - 1}:0] address_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  {name}__in_t in_i,
  input  {name}__out_t out_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic exists_o,
  output logic [31:0] data_o
);

  logic [{count - 1}:0] select_q;
  logic [{PARTS - 1}:0][31:0] part_q;

  always_ff @(posedge clk_i) begin
    exists_o <= {exists};
{select}
{gather}
  end

  assign data_o = {" | ".join(f"part_q[{i}]" for i in range(PARTS))};

endmodule
"""


def main():
    source, out = sys.argv[1:]
    compiler = RDLCompiler()
    compiler.compile_file(source)
    top = compiler.elaborate().top
    found = Registers()
    RDLWalker(unroll=True).walk(top, found)
    address_width = (top.size - 1).bit_length()
    pathlib.Path(out).write_text(module(top.inst_name, found.registers, address_width), encoding="utf-8")


if __name__ == "__main__":
    main()
