# SPDX-License-Identifier: Apache-2.0
"""Writes the read side of the register block from its SystemRDL source.

usage: readback.py REGISTERS.rdl OUT.sv

peakrdl's own read side is one chain of multiplexers behind the address decoder, 1,400 LUT4 for these registers; here
the decoder ends in registers, and what is behind it is AND and OR: 600. External registers are read elsewhere.
"""

import pathlib
import sys

from systemrdl import RDLCompiler, RDLWalker, RDLListener


class Readable(RDLListener):
    """Collects (address, [(low bit, width, expression)]) of every register that software reads here."""

    def __init__(self):
        self.registers = []

    def enter_Reg(self, node):
        fields = [field for field in node.fields() if field.is_sw_readable]
        if fields and not node.external:
            self.registers.append((node.absolute_address, [(f.low, f.width, self.source(f)) for f in fields]))

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
    count = len(registers)
    select = "\n".join(
        f"    select_q[{i}] <= address_i == {address_width}'h{address:03x};" for i, (address, _) in enumerate(registers))
    gather = "\n".join(
        f"    data_o |= {{32{{select_q[{i}]}}}} & {word(fields)};" for i, (_, fields) in enumerate(registers))
    return f"""// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Generated from rtl/host/{name}.rdl by scripts/generate/readback.py: edit those.
// data_o is what the register of the last cycle's address holds, 0 if nothing is read there.
module {name}_readback
  import {name}_pkg::*;
(
  input  logic clk_i,
  input  logic [{address_width - 1}:0] address_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  {name}__in_t in_i,
  input  {name}__out_t out_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic [31:0] data_o
);

  logic [{count - 1}:0] select_q;

  always_ff @(posedge clk_i) begin
{select}
  end

  always_comb begin
    data_o = '0;
{gather}
  end

endmodule
"""


def main():
    source, out = sys.argv[1:]
    compiler = RDLCompiler()
    compiler.compile_file(source)
    top = compiler.elaborate().top
    readable = Readable()
    RDLWalker(unroll=True).walk(top, readable)
    address_width = (top.size - 1).bit_length()
    pathlib.Path(out).write_text(module(top.inst_name, readable.registers, address_width), encoding="utf-8")


if __name__ == "__main__":
    main()
