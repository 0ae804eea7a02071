# SPDX-License-Identifier: Apache-2.0
"""Writes the read side of the register block, which addresses exist, and which registers are locked, from its SystemRDL
source. A register that software may read has a lock if its fields have a write enable (swwe).

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
    """Collects (first address, last address, [(low bit, width, expression)], write enable) of all there is; of what
    software does not read the third is empty, of what has no lock the fourth."""

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
            self.registers.append((node.absolute_address, last, word, None))
        elif isinstance(node, RegNode):
            fields = [(f.low, f.width, self.source(f)) for f in node.fields() if f.is_sw_readable]
            enables = [f"in_i.{self.path(f)}.swwe" for f in node.fields() if f.is_sw_readable and f.get_property("swwe")]
            self.registers.append((node.absolute_address, last, fields, enables[0] if enables else None))

    @staticmethod
    def path(field):
        return ".".join(field.get_path_segments(array_suffix="[{index:d}]")[1:])

    def source(self, field):
        path = self.path(field)
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


def gathered(terms, size):
    """Expressions that OR the terms together, `size` of them at a time."""
    return [" |\n                 ".join(terms[i : i + size]) for i in range(0, len(terms), size)]


def module(name, registers, address_width):
    def selected(first, last):
        bits = (last - first).bit_length() if last - first >= 4 else 0
        if (last - first + 1) & (last - first) or first & (last - first):
            sys.exit(f"{name}: {first:#x} to {last:#x} is no aligned power of two")
        part = f"address_i[{address_width - 1}:{bits}]" if bits else "address_i"
        return f"{part} == {address_width - bits}'h{first >> bits:x}"

    count = len(registers)
    locked_by = " ||\n                "
    select = "\n".join(f"    select_q[{i}] <= {selected(first, last)};" for i, (first, last, _, _) in enumerate(registers))
    words = [f"({{32{{select_q[{i}]}}}} & {word(fields)})" for i, (_, _, fields, _) in enumerate(registers) if fields]
    locks = [f"(select_q[{i}] && !{enable})" for i, (_, _, _, enable) in enumerate(registers) if enable]
    gather = "\n".join(f"    part_q[{i}] <= {part};" for i, part in enumerate(gathered(words, -(-len(words) // PARTS))))
    size = -(-count // PARTS)
    exists = "\n".join(
        f"    exists_q[{i}] <= |select_q[{min((i + 1) * size, count) - 1}:{i * size}];" for i in range(PARTS)
    )
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from rtl/host/{name}.rdl by scripts/generate/readback.py: edit those.
// For the address of two cycles ago: whether it exists, whether its register was locked in the last cycle, and what that
// held then, 0 if nothing is read there.
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
  output logic locked_o,
  output logic [31:0] data_o
);

  logic [{count - 1}:0] select_q;
  logic [{PARTS - 1}:0] exists_q;
  logic [{PARTS - 1}:0][31:0] part_q;

  always_ff @(posedge clk_i) begin
{select}
{exists}
    locked_o <= {locked_by.join(locks) or "1'b0"};
{gather}
  end

  assign exists_o = |exists_q;
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
